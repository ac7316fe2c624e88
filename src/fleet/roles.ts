import type { NodeRole, NodeView } from '../core/snapshot.ts'

export interface Placed {
  readonly role: NodeRole | null
  readonly upstream: string | null
}

type Known = Pick<NodeView, 'name' | 'facts'>

const isOpen = (node: Known): boolean => node.facts.server.seen && !node.facts.server.value.inRecovery

/** The node that a standby copies: same system, not in recovery; after a split, the one that it followed before. */
function primaryOf(node: Known, nodes: readonly Known[], before: Placed | undefined): string | null {
  const { server } = node.facts
  if (!server.seen) return null
  const { systemId } = server.value
  const same = nodes.filter(
    (other) =>
      other !== node && isOpen(other) && other.facts.server.seen && other.facts.server.value.systemId === systemId,
  )
  const followed = same.find(({ name }) => name === before?.upstream)
  return (followed ?? same[0])?.name ?? null
}

/** The node whose logical slot, or else whose publication, a subscription of this one names. */
function publisherOf(node: Known, nodes: readonly Known[]): string | null {
  const { subscriptionStates: states, subscriptions } = node.facts
  const others = nodes.filter((other) => other !== node && isOpen(other))
  const slots = new Set(states.seen ? states.value.map(({ slot }) => slot) : [])
  const bySlot = others.find(
    ({ facts: { replicationSlots } }) =>
      replicationSlots.seen && replicationSlots.value.some(({ type, name }) => type === 'logical' && slots.has(name)),
  )
  if (bySlot) return bySlot.name
  // A lost slot is the outage, not another role.
  const names = new Set(subscriptions.seen ? subscriptions.value.flatMap((one) => one.publications) : [])
  const byName = others.find(
    ({ facts: { publications } }) => publications.seen && publications.value.some(({ name }) => names.has(name)),
  )
  return byName?.name ?? null
}

/**
 * What each node is for, as the nodes themselves say. A node that does not answer keeps its role and upstream; so does one
 * whose upstream cannot be found now, because then its being alone is what is wrong.
 */
export function rolesOf(nodes: readonly Known[], before: ReadonlyMap<string, Placed>): ReadonlyMap<string, Placed> {
  const place = (node: Known): Placed => {
    const last = before.get(node.name)
    const { server } = node.facts
    if (!server.seen && server.why === 'named-twice') return { role: null, upstream: null }
    if (!server.seen) return last ?? { role: null, upstream: null }
    if (server.value.inRecovery)
      return {
        role: 'standby',
        upstream: primaryOf(node, nodes, last) ?? (last?.role === 'standby' ? last.upstream : null),
      }
    const publisher = publisherOf(node, nodes)
    if (publisher !== null) return { role: 'subscriber', upstream: publisher }
    const { subscriptionStates: states } = node.facts
    const subscribes = !states.seen || states.value.length > 0
    if (last?.role === 'subscriber' && subscribes) return last
    return { role: 'primary', upstream: null }
  }
  return new Map(nodes.map((node) => [node.name, place(node)]))
}
