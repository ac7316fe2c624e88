import { subject } from '../../../../core/subject.ts'
import { createdTable } from '../../../change/relations.ts'
import { child, text } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { basisOf, fresh, isOnPrimary, nodesOf, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { alterationsOf, resolved, wordsOf, type TableName } from '../../tables.ts'

/** What writes no WAL reaches no standby and no subscriber, and is empty after a crash and after every fail-over. */
export default defineReviewRule({
  id: 'replication/unlogged-table',
  consequence: 'replication/publication-incomplete',
  severity: 'warning',
  question: 'Is every table one whose rows are replicated?',
  *run(input) {
    const standbys = nodesOf(input, 'standby')
    for (const statement of fresh(input))
      for (const table of isOnPrimary(input, statement) && standbys.length > 0 ? unloggedBy(input, statement) : [])
        yield {
          object: subject.table(primaryOf(input), table.schema, table.name),
          nodes: standbys,
          message: `${wordsOf(table)} is unlogged: it cannot be read on ${standbys.join(', ')}, no subscription carries it, and it is empty after a crash or fail-over`,
          remedy: 'Leave "unlogged" out, unless its rows may be lost at any time.',
          at: statement,
          basis: basisOf(input),
        }
  },
})

function unloggedBy(input: ReviewInput, statement: Placed): readonly TableName[] {
  const made = createdTable(statement.tree)
  const relation =
    child(child(statement.tree, 'CreateStmt'), 'relation') ??
    child(child(child(statement.tree, 'CreateTableAsStmt'), 'into'), 'rel')
  if (made !== null && text(relation, 'relpersistence') === 'u') return [resolved(input, made)]
  return alterationsOf(input, statement)
    .filter(({ subtype }) => subtype === 'AT_SetUnLogged')
    .map(({ table }) => table)
}
