import { subject } from '../../../../core/subject.ts'
import { callsOf } from '../../calls.ts'
import { basisOf, fresh } from '../../nodes.ts'
import { quantity } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'

/** A standby that receives and does not replay looks healthy on the primary, and serves old rows. */
export default defineReviewRule({
  id: 'replication/replay-held',
  consequence: 'replication/delayed-apply',
  severity: 'error',
  question: 'Does every standby go on replaying?',
  *run(input) {
    for (const statement of fresh(input)) {
      const isPaused = callsOf(statement.tree).some(({ name }) => name === 'pg_wal_replay_pause')
      if (!isPaused) continue
      const isResumed = input.statements.some(
        (one) => one.n > statement.n && callsOf(one.tree).some(({ name }) => name === 'pg_wal_replay_resume'),
      )
      for (const node of !isResumed ? statement.nodes : [])
        yield {
          object: `${node}:pg_wal_replay_pause`,
          nodes: [node],
          message: `replay on ${node} is paused and never resumed: its readers see old rows, while pg_stat_replication stays green`,
          remedy: 'End with select pg_wal_replay_resume().',
          at: statement,
          basis: basisOf(input),
        }
    }
    for (const { name, value, nodes, at } of input.settings) {
      const delayMs = name === 'recovery_min_apply_delay' && value !== null ? quantity(value, 'ms') : null
      for (const node of delayMs !== null && delayMs > 0 ? nodes : [])
        yield {
          object: subject.setting(node, name),
          nodes: [node],
          severity: 'warning',
          message: `${node} waits ${value ?? ''} before it replays: its readers see rows as old as that, and a fail-over to it waits`,
          remedy: 'Only for a standby that serves no reads and is no candidate.',
          at,
          basis: basisOf(input),
        }
    }
  },
})
