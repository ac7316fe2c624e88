import { subject } from '../../../../core/subject.ts'
import { child, list, text } from '../../../change/tree.ts'
import { factOf, fresh, isOnPrimary, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { carriersOf } from '../../carriers.ts'
import { resolved, same, tableOn, wordsOf, type TableName } from '../../tables.ts'

/** A truncate that the publisher allows fails on a subscriber where another table refers to the one that is emptied. */
export default defineReviewRule({
  id: 'replication/truncate-refused',
  consequence: 'replication/apply-conflict',
  severity: 'error',
  question: 'Can every subscriber empty the tables that the publisher empties?',
  *run(input) {
    for (const statement of fresh(input)) {
      if (!isOnPrimary(input, statement)) continue
      const emptied = list(child(statement.tree, 'TruncateStmt'), 'relations').flatMap((each) => {
        const relation = child(each, 'RangeVar')
        const named = { schema: text(relation, 'schemaname'), name: text(relation, 'relname') ?? '' }
        return relation === null ? [] : [resolved(input, named)]
      })
      for (const table of emptied)
        for (const node of carriersOf(input, table)) {
          const isSent = (factOf(input, primaryOf(input), 'publications') ?? []).some(
            (one) => one.publishes.truncate && one.tables.some((listed) => same(listed, table)),
          )
          const referring = (factOf(input, node, 'tables') ?? []).filter(
            (one) =>
              refers(one.constraints, table) &&
              !emptied.some((other) => same(other, one)) &&
              !refers(tableOn(input, primaryOf(input), one)?.constraints ?? [], table),
          )
          for (const other of isSent ? referring : [])
            yield {
              object: subject.table(node, table.schema, table.name),
              nodes: [node],
              message: `${wordsOf(table)} is emptied, and on ${node} ${wordsOf(other)} refers to it: the truncate stops the subscription there (0A000)`,
              remedy: `Drop the foreign key of ${wordsOf(other)} on ${node} first, or delete the rows instead.`,
              at: statement,
              basis: 'topology',
            }
        }
    }
  },
})

const refers = (constraints: readonly string[], { schema, name }: TableName): boolean =>
  constraints.some((text) => text.includes(` REFERENCES ${name}(`) || text.includes(` REFERENCES ${schema}.${name}(`))
