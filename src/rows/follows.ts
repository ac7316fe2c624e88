import type { NodeView } from '../core/snapshot.ts'
import type { Follows } from '../engines/postgres/rows/wal-position.ts'

/** How a node gets its rows from its upstream; null where its subscription was not seen. */
export function followsOf(node: string, upstream: string, nodes: readonly NodeView[]): Follows | null {
  const view = nodes.find(({ name }) => name === node)
  if (view?.role === 'standby') return { kind: 'physical' }
  const states = view?.facts.subscriptionStates
  const slots = nodes.find(({ name }) => name === upstream)?.facts.replicationSlots
  if (!states?.seen) return null
  const known = new Set(slots?.seen ? slots.value.map(({ name }) => name) : [])
  const subscription = states.value.find(({ slot }) => slot !== null && known.has(slot)) ?? states.value[0]
  return subscription ? { kind: 'logical', subscription: subscription.name } : null
}
