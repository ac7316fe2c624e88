import type { Snapshot } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { child, list, text } from '../../change/tree.ts'
import type { TreeNode } from '../../change/tree.ts'
import type { Named } from '../../change/relations.ts'
import { means, namesIn } from '../../change/relations.ts'
import { isOfRows } from '../../data-errors.ts'
import type { Described } from '../../described.ts'
import { describedOf } from '../../described.ts'
import { holds } from '../../review/types.ts'
import type { GateFindingDraft } from '../../rule.ts'
import { defineRule } from '../../rule.ts'

/** What a statement throws away only a backup brings back, or, by luck, a subscriber that has not heard of it. */
export default defineRule({
  id: 'schema/loses-data',
  consequence: 'integrity/data-deleted',
  severity: 'warning',
  question: 'Does the change throw away rows, columns or tables?',
  *run({ results, before, after }) {
    for (const result of results) {
      const { statement, node, error } = result
      // What only made-up rows stand against, production may let through.
      const words = error === null || isOfRows(result) ? lossOf(statement.tree) : null
      if (words === null) continue
      const place = `${statement.file}:${statement.line}`
      const { relations } = namesIn(statement.tree)
      // What the change itself has made nobody had.
      if (relations.length > 0 && !relations.some((named) => wasThere(describedOf(before, node), named))) continue
      const objects = relations.map(({ schema, name }) => subject.table(node, schema ?? 'public', name))
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
    for (const { name } of after.nodes) yield* narrowed(name, before, after)
  },
})

/** A table, or a schema with tables in it; where the node was not seen it may be. */
const wasThere = (described: Described | null, named: Named): boolean =>
  described === null ||
  described.tables.some(
    ({ schema, name }) => means(named, schema, name) || (named.schema === null && named.name === schema),
  )

/** A type that cannot hold what the old one could: the cents of a numeric that becomes an integer. */
function* narrowed(node: string, before: Snapshot, after: Snapshot): Iterable<GateFindingDraft> {
  const [was, is] = [describedOf(before, node), describedOf(after, node)]
  if (!was || !is || after.nodes.some(({ name, role }) => name === node && role === 'standby')) return
  for (const { schema, name, oid, columns } of is.tables) {
    const old = was.tables.find((table) => table.oid === oid)
    for (const column of columns) {
      const then = old?.columns.find((one) => one.name === column.name)
      if (!then || holds(then.type, column.type)) continue
      yield {
        object: subject.table(node, schema, name),
        nodes: [node],
        message: `${schema}.${name}.${column.name} becomes ${column.type} on ${node} (before: ${then.type}): what it cannot hold is rounded, cut or refused`,
        remedy: 'Look in production what would be lost, with a query; keep the old column until nobody has missed it.',
        about: [`${schema}.${name}`],
      }
    }
  }
}

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
