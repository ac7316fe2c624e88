import { subject } from '../../../core/subject.ts'
import { child, list, text } from '../../change/tree.ts'
import type { TreeNode } from '../../change/tree.ts'
import { namesIn } from '../../change/relations.ts'
import { defineRule } from '../../rule.ts'

/** What a statement throws away only a backup brings back, or, by luck, a subscriber that has not heard of it. */
export default defineRule({
  id: 'schema/loses-data',
  consequence: 'integrity/data-deleted',
  severity: 'warning',
  question: 'Does the change throw away rows, columns or tables?',
  *run({ results }) {
    for (const { statement, node, error } of results) {
      const words = error === null ? lossOf(statement.tree) : null
      if (words === null) continue
      const place = `${statement.file}:${statement.line}`
      const tables = namesIn(statement.tree).relations.map(({ schema, name }) => ({ schema: schema ?? 'public', name }))
      const objects = tables.map(({ schema, name }) => subject.table(node, schema, name))
      for (const object of objects.length > 0 ? new Set(objects) : [place])
        yield {
          object,
          nodes: [node],
          message: `${place}: ${node} ${words}: no statement brings that back`,
          remedy: 'Have a backup that was proven, or keep what goes under another name until nobody has missed it.',
          about: [],
          statement,
        }
    }
  },
})

function lossOf(tree: TreeNode): string | null {
  const drop = child(tree, 'DropStmt')
  if (drop)
    return ['OBJECT_TABLE', 'OBJECT_SCHEMA'].includes(text(drop, 'removeType') ?? '') ? 'loses what is dropped' : null
  if (child(tree, 'TruncateStmt')) return 'loses all rows'
  const commands = list(child(tree, 'AlterTableStmt'), 'cmds').map((command) =>
    text(child(command, 'AlterTableCmd'), 'subtype'),
  )
  if (commands.includes('AT_DropColumn')) return 'loses a column'
  const [remove, update] = [child(tree, 'DeleteStmt'), child(tree, 'UpdateStmt')]
  if (remove && !remove['whereClause']) return 'loses all rows'
  return update && !update['whereClause'] ? 'writes over all rows' : null
}
