import type { SubscriptionFact } from '../core/facts/postgres/publication.ts'
import type { NodeView } from '../core/snapshot.ts'

/** Two nodes of which the right one should hold what the left one holds. */
export type NodePair = { readonly left: string; readonly right: string } & (
  | { readonly follows: 'physical' }
  /** The subscriptions of the right node that the left one feeds. */
  | { readonly follows: 'logical'; readonly subscriptions: readonly SubscriptionFact[] }
  /** Nobody has seen one follow the other: there is nothing to wait for before rows are judged. */
  | { readonly follows: 'declared' }
)

/** What is not looked at, and why. */
export interface NotCovered {
  readonly what: string
  readonly why: string
}

export interface Pairs {
  readonly pairs: readonly NodePair[]
  /** Nothing is wrong with it, and it is not looked at. */
  readonly notCovered: readonly NotCovered[]
  /** Should have been looked at and could not: nothing is green with one of these. */
  readonly blind: readonly NotCovered[]
}

type Known = Pick<NodeView, 'name' | 'role' | 'upstream' | 'facts'>

const isOpen = ({ facts: { server } }: Known): boolean => server.seen && !server.value.inRecovery

/**
 * The primary with each of its standbys, cascaded ones too: a standby that passes WAL on may have replayed less than the one
 * behind it, so that only the primary can be the left side. The publisher with each of its subscribers.
 */
export function pairsOf(nodes: readonly Known[]): Pairs {
  const parts = nodes.map((node) => pairsOfNode(node, nodes))
  return {
    pairs: parts.flatMap(({ pairs }) => pairs),
    notCovered: parts.flatMap(({ notCovered }) => notCovered),
    blind: parts.flatMap(({ blind }) => blind),
  }
}

const nothing: Pairs = { pairs: [], notCovered: [], blind: [] }

function pairsOfNode(node: Known, nodes: readonly Known[]): Pairs {
  const { server, subscriptions } = node.facts
  const blind = (why: string): Pairs => ({ ...nothing, blind: [{ what: `node ${node.name}`, why }] })
  if (!server.seen && server.why === 'named-twice')
    return { ...nothing, notCovered: [{ what: `node ${node.name}`, why: server.detail }] }
  if (!server.seen) return blind(server.detail)
  if (server.value.inRecovery) {
    const primary = nodes.find((other) => other.name === node.upstream && isOpen(other))
    return primary
      ? { ...nothing, pairs: [{ left: primary.name, right: node.name, follows: 'physical' }] }
      : blind('it is a standby, and its primary is not among the nodes that were seen')
  }
  if (!subscriptions.seen) return blind(subscriptions.detail)
  return followed(node, subscriptions.value, nodes)
}

function followed(node: Known, subscriptions: readonly SubscriptionFact[], nodes: readonly Known[]): Pairs {
  const fed = subscriptions.map((subscription) => ({
    subscription,
    publisher: publisherOf(subscription, node, nodes),
  }))
  const publishers = [...new Set(fed.flatMap(({ publisher }) => (publisher === null ? [] : [publisher])))]
  return {
    blind: [],
    pairs: publishers.map((left) => ({
      left,
      right: node.name,
      follows: 'logical',
      subscriptions: fed.filter(({ publisher }) => publisher === left).map(({ subscription }) => subscription),
    })),
    notCovered: fed
      .filter(({ publisher }) => publisher === null)
      .map(({ subscription: { name } }) => ({
        what: `subscription ${name} of ${node.name}`,
        why: 'its publisher is not among the nodes',
      })),
  }
}

/** Who has its slot, else who publishes under its names; of several the one that the node is known to follow. */
function publisherOf(subscription: SubscriptionFact, node: Known, nodes: readonly Known[]): string | null {
  const others = nodes.filter((other) => other.name !== node.name && isOpen(other))
  const bySlot = others.filter(
    ({ facts: { replicationSlots } }) =>
      replicationSlots.seen &&
      replicationSlots.value.some(({ type, name }) => type === 'logical' && name === subscription.slot),
  )
  const byName = others.filter(
    ({ facts: { publications } }) =>
      publications.seen && publications.value.some(({ name }) => subscription.publications.includes(name)),
  )
  const found = bySlot.length > 0 ? bySlot : byName
  return (found.find(({ name }) => name === node.upstream) ?? found[0])?.name ?? null
}

/** Two nodes that somebody named: one follows the other where that is seen, else the first is what the second should be. */
export function pairsOfTwo(nodes: readonly Known[]): Pairs {
  const seen = pairsOf(nodes)
  const [left, right] = nodes
  const isBlind = nodes.some(({ facts: { server } }) => !server.seen)
  if (seen.pairs.length > 0 || isBlind || !left || !right) return seen
  return { ...nothing, pairs: [{ left: left.name, right: right.name, follows: 'declared' }] }
}
