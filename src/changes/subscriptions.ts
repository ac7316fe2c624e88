import type { SubscriptionFact } from '../core/facts/postgres/publication.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

const state = ({ enabled }: SubscriptionFact): string => (enabled ? 'enabled' : 'disabled')

const source = ({ publications, slot }: SubscriptionFact): string =>
  `publication ${publications.join(', ') || 'none'}, slot ${slot ?? 'none'}`

/** Which tables it follows. Their copy states (i, d, f, s, r) move by themselves while a copy runs: no change of anybody's. */
const tables = (subscription: SubscriptionFact): string =>
  `tables ${subscription.tables.map(({ schema, name }) => `${schema}.${name}`).join(', ') || 'none'}`

export function* subscriptionDifferences(
  node: string,
  before: readonly SubscriptionFact[],
  after: readonly SubscriptionFact[],
): Iterable<Difference> {
  for (const [name, old, now] of pairByName(before, after, (subscription) => subscription.name)) {
    const object = subject.subscription(node, name)
    if (!old || !now) {
      const words = (one: SubscriptionFact): string => `${state(one)}; ${source(one)}`
      yield { kind: 'topology', object, before: old ? words(old) : null, after: now ? words(now) : null }
      continue
    }
    for (const part of [state, source, tables])
      if (part(old) !== part(now)) yield { kind: 'topology', object, before: part(old), after: part(now) }
  }
}
