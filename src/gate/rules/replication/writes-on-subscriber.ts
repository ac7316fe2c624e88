import { carriage } from '../../../core/carriage.ts'
import { subject } from '../../../core/subject.ts'
import { describedOf } from '../../described.ts'
import { defineRule } from '../../rule.ts'

/** What writes rows; a definition locks the same table, and writes none that anybody sends. */
const writing = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'TruncateStmt',
  'CopyStmt',
  'DoStmt',
  'CallStmt',
  'SelectStmt',
])

/** A subscriber's own rows meet those that the primary sends: the same key stops the subscription, a missing row is skipped in silence. */
export default defineRule({
  id: 'replication/writes-on-subscriber',
  consequence: 'replication/apply-conflict',
  severity: 'error',
  question: 'Does the change leave the rows alone that a subscriber gets from its primary?',
  *run({ results, after, primary }) {
    const publisher = describedOf(after, primary)
    for (const { statement, node, error, touched } of results) {
      const described = describedOf(after, node)
      if (node === primary || error !== null || !publisher || !described || !writing.has(statement.kind)) continue
      for (const name of touched) {
        const at = name.indexOf('.')
        const [schema, table] = [name.slice(0, at), name.slice(at + 1)]
        const { gap, subscription } = carriage(publisher.publications, described.subscriptions, schema, table)
        if (gap === 'not-in-publication' || gap === 'not-refreshed') continue
        yield {
          object: subject.table(node, schema, table),
          nodes: [node],
          message: `${statement.file}:${statement.line} writes rows of ${name} on ${node}, which gets them from ${primary} by ${subscription ?? 'its subscription'}: a key that ${primary} sends later stops the subscription, and what is missing there is skipped in silence`,
          remedy: `Write on ${primary} only: what it writes arrives on ${node}.`,
          about: [name],
          statement,
        }
      }
    }
  },
})
