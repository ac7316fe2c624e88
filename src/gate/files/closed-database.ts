import { child, list, text, type TreeNode } from '../change/tree.ts'

/** The database that a statement takes from everybody: by another name, or by taking no more connections; null for any other. */
export function closedDatabase(tree: TreeNode): string | null {
  const rename = child(tree, 'RenameStmt')
  if (rename !== null && text(rename, 'renameType') === 'OBJECT_DATABASE') return text(rename, 'subname')
  const alter = child(tree, 'AlterDatabaseStmt')
  const isShut = list(alter, 'options').some((option) => {
    const element = child(option, 'DefElem')
    if (text(element, 'defname') !== 'allow_connections') return false
    return /^(?:false|off|no|0)$/i.test(text(child(child(element, 'arg'), 'String'), 'sval') ?? '')
  })
  return isShut ? text(alter, 'dbname') : null
}
