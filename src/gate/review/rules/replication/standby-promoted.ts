import { callsOf } from '../../calls.ts'
import { basisOf, fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** Two servers that take writes: what each has taken is lost when one of them is thrown away. */
export default defineReviewRule({
  id: 'replication/standby-promoted',
  consequence: 'replication/split-brain',
  severity: 'critical',
  question: 'Does every standby stay one?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { name } of callsOf(statement.tree))
        if (name === 'pg_promote')
          for (const node of statement.nodes)
            yield {
              object: `${node}:pg_promote`,
              nodes: [node],
              message: `${node} is promoted by a migration: from then on two servers take writes, and nothing stops the old primary`,
              remedy: 'Fail over by a plan that fences the old primary first; take the call out of the change.',
              at: statement,
              basis: basisOf(input),
            }
  },
})
