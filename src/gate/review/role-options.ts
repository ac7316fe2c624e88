import { child, list, text, type TreeNode } from '../change/tree.ts'
import { constantOf } from './calls.ts'
import type { Placed } from './input.ts'

export interface AlteredRole {
  readonly role: string
  readonly options: readonly RoleOption[]
}

export interface RoleOption {
  readonly name: string
  /** Booleans and numbers as text. */
  readonly value: string | null
}

/** `alter role … with`; null for any other statement. */
export function alteredRole({ tree }: Placed): AlteredRole | null {
  const alter = child(tree, 'AlterRoleStmt')
  const role = text(child(alter, 'role'), 'rolename')
  return alter === null || role === null ? null : { role, options: optionsOf(alter) }
}

export const optionsOf = (node: TreeNode): readonly RoleOption[] =>
  list(node, 'options').flatMap((each) => {
    const option = child(each, 'DefElem')
    const arg = child(option, 'arg')
    const name = text(option, 'defname')
    if (name === null) return []
    const bool = child(arg, 'Boolean')
    const integer = child(arg, 'Integer')
    const value =
      bool !== null
        ? String(bool['boolval'] === true)
        : integer !== null
          ? String(Number(integer['ival'] ?? 0))
          : (text(child(arg, 'String'), 'sval') ?? constantOf(arg))
    return [{ name, value }]
  })
