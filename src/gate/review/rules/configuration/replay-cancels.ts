import { subject } from '../../../../core/subject.ts'
import { quantity } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'

/** A standby that waits for no reader ends their queries as soon as the primary cleans up behind them. */
export default defineReviewRule({
  id: 'configuration/replay-cancels',
  consequence: 'replication/replay-conflict',
  severity: 'warning',
  question: 'May readers of a standby finish what they have begun?',
  *run({ settings }) {
    for (const { name, value, nodes, at } of settings) {
      const isDelay = name === 'max_standby_streaming_delay' || name === 'max_standby_archive_delay'
      const ms = isDelay && value !== null ? quantity(value, 'ms') : null
      for (const node of ms !== null && ms >= 0 && ms < 1000 ? nodes : [])
        yield {
          object: subject.setting(node, name),
          nodes: [node],
          message: `${name} = ${value ?? ''}: queries and transactions of readers on ${node} are ended (40001) as soon as the primary has vacuumed rows that they may see`,
          remedy: 'Leave 30s or more, with hot_standby_feedback = on where long queries must finish.',
          at,
          basis: 'text',
        }
    }
  },
})
