import type { Cause } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { staleHarm } from '../../harm.ts'
import { factOf, follows, logicalPairs } from '../../look.ts'
import { differences } from './schema-drift.ts'

/**
 * The apply worker fails on the same transaction again and again, between equal schemas: a row stands in its way. Counted over
 * two moments, because a planned restart of the publisher counts one error and nothing is wrong.
 */
const cause: Cause = {
  id: 'replication/apply-conflict',
  taxonomy: 'replication-conflict',
  title: 'the apply worker of a subscription fails again and again',
  follows: ['replication/schema-drift'],
  *recognise(c) {
    for (const pair of logicalPairs(c)) {
      const node = pair.subscriber.name
      const before = c.earlier?.nodes.find(({ name }) => name === node)
      const restarted = (['publisher', 'subscriber'] as const).some((side) => {
        const past = c.earlier?.nodes.find(({ name }) => name === pair[side].name)
        const startedMs = past && factOf(past, 'server')?.startedMs
        return startedMs === undefined || startedMs !== factOf(pair[side], 'server')?.startedMs
      })
      if (!before || differences(pair).length > 0) continue
      for (const now of factOf(pair.subscriber, 'subscriptionStates') ?? []) {
        const past = factOf(before, 'subscriptionStates')?.find(({ name }) => name === now.name)
        if (!now.enabled || now.applyErrors === null || past?.applyErrors == null) continue
        const growth = now.applyErrors - past.applyErrors
        if (growth < 1) continue
        const objects = [subject.subscription(node, now.name)]
        const counted = {
          words: `apply_error_count of ${now.name} on ${node} grew by ${growth}`,
          node,
          source: 'pg_stat_subscription_stats',
          values: { apply_error_count: now.applyErrors, growth },
        }
        yield {
          subject: subject.subscription(node, now.name),
          direct: growth >= 2 && !restarted ? [counted] : [],
          indirect: [counted],
          harm: staleHarm(c, node, { isMeant: follows(pair, now.name) }),
          // The errors themselves are new: they were not counted when all was good.
          isNew: c.lastGoodMs !== null && growth >= 2,
          explains: [
            ...rowEffects(c, node),
            ...findingsOf(c, 'replication/subscription-errors', node),
            ...findingsOf(c, 'replication/subscription-down', node),
          ],
          objects,
          missing: `the log of ${node} names the row and the SQLSTATE`,
          remedy: {
            words: 'Read the row that the log names, mend it on the subscriber, and let apply go on.',
            commands: [`on ${node}: select * from pg_stat_subscription_stats;`],
          },
        }
      }
    }
  },
}
export default cause
