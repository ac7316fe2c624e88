import type { Cause } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { staleHarm } from '../../harm.ts'
import { follows, factOf, logicalPairs } from '../../look.ts'
import { aboutDisabling, newsOf } from '../../news.ts'

/** Switched off: the subscriber stays at the moment when it was. One that has been off since before all was good hurts nobody. */
const cause: Cause = {
  id: 'replication/subscription-disabled',
  taxonomy: 'replication-stopped',
  title: 'a subscription is switched off',
  // With disable_on_error it switches itself off at the first change that it cannot apply.
  follows: ['replication/apply-conflict', 'replication/schema-drift'],
  *recognise(c) {
    for (const pair of logicalPairs(c))
      for (const state of factOf(pair.subscriber, 'subscriptionStates') ?? []) {
        if (state.enabled) continue
        const node = pair.subscriber.name
        const objects = [subject.subscription(node, state.name)]
        const news = newsOf(c, objects, aboutDisabling)
        yield {
          subject: subject.subscription(node, state.name),
          direct: [
            {
              words: `subenabled is false for ${state.name} on ${node}`,
              node,
              source: 'pg_subscription',
              values: { subenabled: false },
            },
          ],
          indirect: [],
          harm: staleHarm(c, node, { isMeant: follows(pair, state.name), news }),
          isNew: news.length > 0,
          explains: [...rowEffects(c, node), ...findingsOf(c, 'replication/subscription-down', node)],
          objects,
          isTrigger: aboutDisabling,
          remedy: {
            words: 'Find out who disabled it and why before it is enabled again.',
            commands: [`on ${node}: alter subscription ${state.name} enable;`],
          },
        }
      }
  },
}
export default cause
