import { subject } from '../../../../core/subject.ts'
import { newTables } from '../../new-tables.ts'
import { defineReviewRule } from '../../rule.ts'
import { wordsOf } from '../../tables.ts'

/** The first row of a published table that the subscriber does not have stops the whole subscription. */
export default defineReviewRule({
  id: 'replication/table-not-on-subscriber',
  consequence: 'replication/schema-drift',
  severity: 'error',
  question: 'Is every new table that will be sent there on the subscriber, too?',
  *run(input) {
    for (const { table, node, statement, isSent, isThere, why } of newTables(input))
      if (isSent && !isThere)
        yield {
          object: subject.table(node, table.schema, table.name),
          nodes: [node],
          message: `${wordsOf(table)} is sent to ${node} (${why}), which has no such table: its first row stops the subscription, with all its tables`,
          remedy: `Put this before it:\n-- antemortem:on ${node}\n${statement.sql};`,
          at: statement,
          basis: 'topology',
        }
  },
})
