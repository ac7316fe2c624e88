import { literal } from '../../../engines/postgres/rows/sql.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { functionOid, functionSignature } from './named-in-sql.ts'

const noInput = new Set(['FUNC_PARAM_OUT', 'FUNC_PARAM_TABLE'])

/** A function as it was, its body included; where there was none, it goes. Owner and grants stay with `create or replace`. */
export function functionBefore(statement: TreeNode): string | null {
  const types = list(statement, 'parameters')
    .map((parameter) => child(parameter, 'FunctionParameter'))
    .filter((parameter) => !noInput.has(text(parameter, 'mode') ?? ''))
    .map((parameter) => child(parameter, 'argType'))
  const names = list(statement, 'funcname')
  const oid = functionOid(names, types)
  if (oid === null) return null
  const kind = statement['is_procedure'] === true ? 'procedure' : 'function'
  const drop = literal(`drop ${kind} ${functionSignature(names, types)}`)
  return `select coalesce(pg_get_functiondef(${oid}), ${drop}) as words`
}
