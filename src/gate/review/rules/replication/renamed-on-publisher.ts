import { subject } from '../../../../core/subject.ts'
import { publishes } from '../../../change/publishing.ts'
import { createdTable } from '../../../change/relations.ts'
import type { ReviewInput } from '../../input.ts'
import { basisOf, factOf, fresh, isOnPrimary, nodesOf, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { mayCarry } from '../../carriers.ts'
import { madeBefore, renamingsOf, resolved, same, wordsOf, type TableName } from '../../tables.ts'

/** Logical replication goes by names: a table or column of another name is one that the subscriber does not have. */
export default defineReviewRule({
  id: 'replication/renamed-on-publisher',
  consequence: 'replication/schema-drift',
  severity: 'error',
  question: 'Does a table or column that others know by its name keep it?',
  *run(input) {
    for (const statement of fresh(input)) {
      const primary = primaryOf(input)
      for (const { table, column, to } of isOnPrimary(input, statement) ? renamingsOf(input, statement) : []) {
        if (madeBefore(input, primary, table, statement.n) !== undefined) continue
        if (column === null && isReplaced(input, table, statement.n)) continue
        const what = column === null ? wordsOf(table) : `${wordsOf(table)}.${column}`
        const carriers = mayCarry(input, table)
        for (const node of carriers) {
          const isRenamed = input.statements.some(
            (one) =>
              one.nodes.includes(node) &&
              renamingsOf(input, one).some(
                (other) => same(other.table, table) && other.column === column && other.to === to,
              ),
          )
          yield {
            object: subject.table(node, table.schema, table.name),
            nodes: [node],
            severity: isRenamed ? 'warning' : 'error',
            message: `${what} becomes ${to} on the publisher: ${input.topology === null ? 'where it is published, the' : 'the'} next row stops the subscription of ${node}${isRenamed ? ', until it has the new name, too' : ''}, and sessions that use the old name fail`,
            remedy:
              'Add the new name beside the old one (a column that a trigger fills, a view), move the application over, and take the old one away in a later change.',
            at: statement,
            basis: basisOf(input),
          }
        }
        if (carriers.length === 0)
          yield {
            object: subject.table(primary, table.schema, table.name),
            nodes: [primary],
            consequence: 'application/error',
            severity: 'warning',
            message: `${what} becomes ${to}: sessions of the running version that use the old name fail (42P01, 42703)`,
            remedy: 'Deploy a version that knows both names first, or leave a view under the old one.',
            at: statement,
            basis: basisOf(input),
          }
      }
    }
  },
})

/**
 * Another table takes its name and is published under it: what the subscriber receives has the name that it knows, and its
 * subscription need not be told. Whether the columns fit only a rehearsal shows.
 */
function isReplaced(input: ReviewInput, table: TableName, n: number): boolean {
  const later = input.statements.filter((one) => one.n > n && isOnPrimary(input, one))
  const isMade = later.some(({ tree }) => {
    const made = createdTable(tree)
    return made !== null && same(resolved(input, made), table)
  })
  const named = nodesOf(input, 'subscriber').flatMap((node) =>
    (factOf(input, node, 'subscriptions') ?? []).flatMap(({ publications }) => publications),
  )
  return isMade && later.some(({ tree }) => publishes(tree, named, table.schema, table.name) === true)
}
