import { subject } from '../../../../core/subject.ts'
import { namesIn } from '../../../change/relations.ts'
import { child, text } from '../../../change/tree.ts'
import type { ReviewInput } from '../../input.ts'
import { fresh, primaryOf } from '../../nodes.ts'
import { newTables } from '../../new-tables.ts'
import { defineReviewRule, type ReviewDraft } from '../../rule.ts'
import { carriersOf } from '../../carriers.ts'
import { renamingsOf, resolved, wordsOf } from '../../tables.ts'

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
    yield* takenAway(input)
  },
})

/** A table that a subscriber drops or renames while it receives it. */
function* takenAway(input: ReviewInput): Generator<ReviewDraft> {
  for (const statement of fresh(input)) {
    const drop = child(statement.tree, 'DropStmt')
    const dropped =
      text(drop, 'removeType') === 'OBJECT_TABLE'
        ? namesIn(statement.tree).relations.map((named) => resolved(input, named))
        : []
    const renamed = renamingsOf(input, statement).flatMap(({ table, column }) => (column === null ? [table] : []))
    for (const table of [...dropped, ...renamed])
      for (const node of carriersOf(input, table))
        if (statement.nodes.includes(node) && !statement.nodes.includes(primaryOf(input)))
          yield {
            object: subject.table(node, table.schema, table.name),
            nodes: [node],
            message: `${wordsOf(table)} is ${dropped.includes(table) ? 'dropped' : 'renamed'} on ${node}, which receives it: the next row stops the subscription, with all its tables`,
            remedy: 'Take it out of the publication and refresh the subscription first.',
            at: statement,
            basis: 'topology',
          }
  }
}
