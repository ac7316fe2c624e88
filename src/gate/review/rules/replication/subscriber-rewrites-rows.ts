import { subject } from '../../../../core/subject.ts'
import { fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { carriersOf } from '../../carriers.ts'
import { alterationsOf, wordsOf } from '../../tables.ts'

const firing = new Set(['AT_EnableAlwaysTrig', 'AT_EnableReplicaTrig', 'AT_EnableAlwaysRule', 'AT_EnableReplicaRule'])

/** Replicated rows fire only triggers that are told to; one that is may write them otherwise than the publisher did. */
export default defineReviewRule({
  id: 'replication/subscriber-rewrites-rows',
  consequence: 'replication/divergence',
  severity: 'error',
  question: 'Do replicated rows arrive as they were sent?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { table, subtype, name } of alterationsOf(input, statement))
        for (const node of firing.has(subtype) ? carriersOf(input, table) : [])
          if (statement.nodes.includes(node))
            yield {
              object: subject.table(node, table.schema, table.name),
              nodes: [node],
              message: `${name ?? 'a rule'} of ${wordsOf(table)} fires for replicated rows on ${node}: what it changes in them differs from the publisher, and no view says so`,
              remedy:
                'Leave it as it is made (origin), or have it write into another table only, and say so by an ignore comment.',
              at: statement,
              basis: 'topology',
            }
  },
})
