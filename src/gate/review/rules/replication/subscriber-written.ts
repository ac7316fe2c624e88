import { subject } from '../../../../core/subject.ts'
import { asNamed } from '../../../change/relations.ts'
import { child, list } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { carriersOf } from '../../carriers.ts'
import { resolved, wordsOf, type TableName } from '../../tables.ts'

const kinds = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'CopyStmt'] as const

/** A row of the subscriber's own is in the way of the publisher's, and one that it changed or lost is wrong from then on. */
export default defineReviewRule({
  id: 'replication/subscriber-written',
  consequence: 'replication/divergence',
  severity: 'error',
  question: 'Are rows that a subscriber receives written by the publisher alone?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { table, isNewRow } of writtenBy(input, statement))
        for (const node of carriersOf(input, table))
          if (statement.nodes.includes(node))
            yield {
              object: subject.table(node, table.schema, table.name),
              nodes: [node],
              ...(isNewRow ? { consequence: 'replication/apply-conflict' } : {}),
              message: isNewRow
                ? `${node} gets rows of its own in ${wordsOf(table)}, which it receives: the publisher's row with the same key stops the subscription (23505)`
                : `${node} changes rows of ${wordsOf(table)}, which it receives: they differ from the publisher from then on, and no view says so`,
              remedy: `Write on the publisher, and let the rows come.`,
              at: statement,
              basis: 'topology',
            }
  },
})

function writtenBy(
  input: ReviewInput,
  { tree }: Placed,
): readonly { readonly table: TableName; readonly isNewRow: boolean }[] {
  const written = kinds.flatMap((kind) => {
    const statement = child(tree, kind)
    const relation = child(statement, 'relation')
    if (relation === null || (kind === 'CopyStmt' && statement?.['is_from'] !== true)) return []
    return [{ table: resolved(input, asNamed(relation)), isNewRow: kind === 'InsertStmt' || kind === 'CopyStmt' }]
  })
  const emptied = list(child(tree, 'TruncateStmt'), 'relations').flatMap((each) => {
    const relation = child(each, 'RangeVar')
    return relation === null ? [] : [{ table: resolved(input, asNamed(relation)), isNewRow: false }]
  })
  return [...written, ...emptied]
}
