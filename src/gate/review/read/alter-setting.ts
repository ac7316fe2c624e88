import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { constantOf } from '../calls.ts'
import type { Placed, SettingChange } from '../input.ts'

const forms = [
  ['AlterSystemStmt', 'alter-system'],
  ['AlterRoleSetStmt', 'role'],
  ['AlterDatabaseSetStmt', 'database'],
] as const

/** `alter system set`, `alter role … set`, `alter database … set`, and their resets. */
export function settingIn(statement: Placed): readonly SettingChange[] {
  return forms.flatMap(([kind, via]): SettingChange[] => {
    const node = child(statement.tree, kind)
    const set = child(node, 'setstmt')
    const name = text(set, 'name')
    if (node === null || name === null) return []
    const isSet = text(set, 'kind') === 'VAR_SET_VALUE'
    const value = list(set, 'args')
      .map((each) => constantOf(each) ?? '')
      .join(', ')
    return [
      {
        name: name.toLowerCase(),
        value: isSet ? value : null,
        via,
        owner: ownerOf(node),
        nodes: statement.nodes,
        at: statement,
      },
    ]
  })
}

const ownerOf = (node: TreeNode): string | null =>
  text(child(node, 'role'), 'rolename') ?? text(node, 'dbname') ?? text(node, 'database')
