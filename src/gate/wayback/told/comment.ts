import { literal } from '../../../engines/postgres/rows/sql.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { objectFunction, relationOid } from './named-in-sql.ts'
import { policyOf } from './policy.ts'

const partsOf = (object: unknown): readonly string[] =>
  list(child(object, 'List'), 'items').map((part) => text(child(part, 'String'), 'sval') ?? '')

/** The comment that stands there, and whether its object is there at all. */
function placeOf(statement: TreeNode): { readonly comment: string; readonly isThere: string } | null {
  const object = statement['object']
  const parts = partsOf(object)
  switch (text(statement, 'objtype')) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_INDEX':
    case 'OBJECT_SEQUENCE': {
      const oid = relationOid({ schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' })
      return { comment: `obj_description(${oid}, 'pg_class')`, isThere: `${oid} is not null` }
    }
    case 'OBJECT_COLUMN': {
      const table = relationOid({ schema: parts.at(-3) ?? null, name: parts.at(-2) ?? '' })
      const column = `(select attnum from pg_attribute where attrelid = ${table} and attname = ${literal(parts.at(-1) ?? '')}
        and not attisdropped)`
      return { comment: `col_description(${table}, ${column})`, isThere: `${column} is not null` }
    }
    case 'OBJECT_SCHEMA': {
      const name = literal(text(child(object, 'String'), 'sval') ?? '')
      return {
        comment: `obj_description(to_regnamespace(quote_ident(${name})), 'pg_namespace')`,
        isThere: `to_regnamespace(quote_ident(${name})) is not null`,
      }
    }
    case 'OBJECT_POLICY': {
      const where = policyOf({ schema: parts.at(-3) ?? null, name: parts.at(-2) ?? '' }, parts.at(-1) ?? '')
      const oid = `(select oid from pg_policy where ${where})`
      return { comment: `obj_description(${oid}, 'pg_policy')`, isThere: `${oid} is not null` }
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE': {
      const oid = objectFunction(child(object, 'ObjectWithArgs'))
      return oid === null ? null : { comment: `obj_description(${oid}, 'pg_proc')`, isThere: `${oid} is not null` }
    }
    default:
      return null
  }
}

/** The same statement with the comment that stands there now. */
export function commentBefore(statement: TreeNode, words: string): string | null {
  const place = placeOf(statement)
  const head = /^(.*\S)\s+is\s+(?:null|[eE]?'(?:[^']|'')*'|\$(\w*)\$.*\$\2\$)\s*;?\s*$/is.exec(words)?.[1]
  if (place === null || head === undefined) return null
  return `select ${literal(`${head} is `)} || coalesce(quote_literal(${place.comment}), 'null') as words where ${place.isThere}`
}
