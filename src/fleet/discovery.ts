import type { NodeView } from '../core/snapshot.ts'
import { isStandbySender } from '../core/upstream.ts'

/** A server that another one tells of, and that nobody has named: what is wrong on it is not seen. */
export interface Unnamed {
  readonly role: 'primary' | 'standby' | 'publisher' | 'subscriber'
  /** The node that tells of it. */
  readonly by: string
  /** What it calls itself there: `application_name`, or the slot. */
  readonly name: string
  /** As the node that tells of it sees it; null where that one does not say. */
  readonly address: string | null
  /** Only of an upstream: who connects comes from any port. */
  readonly port: number | null
  readonly slot: string | null
  /** null where a subscription or a walsender alone does not tell. */
  readonly database: string | null
}

/** Standbys, subscribers and upstreams of the named nodes that are not named themselves. */
export function unnamed(nodes: readonly NodeView[]): readonly Unnamed[] {
  // One that does not answer may be any of them: it would be told as missing from the very list in which it stands.
  if (nodes.some(({ facts: { server } }) => !server.seen && server.why !== 'named-twice')) return []
  return [...nodes.flatMap((node) => upstreamOf(node, nodes)), ...nodes.flatMap((node) => consumersOf(node, nodes))]
}

function upstreamOf(node: NodeView, nodes: readonly NodeView[]): readonly Unnamed[] {
  const { server, receiver, subscriptions } = node.facts
  if (!server.seen) return []
  const base = { by: node.name, slot: null }
  const [from] = receiver.seen ? receiver.value : []
  // A standby whose root is named may follow another standby; who that is, only its port tells.
  const follows = node.upstream !== null || nodes.some((other) => other !== node && listensOn(other, from?.senderPort))
  if (server.value.inRecovery && !follows)
    return [
      {
        ...base,
        role: 'primary',
        name: `the server that ${node.name} copies`,
        address: from?.senderHost ?? null,
        port: from?.senderPort ?? null,
        database: server.value.database,
      },
    ]
  if (server.value.inRecovery || !subscriptions.seen) return []
  const others = nodes.filter((other) => other !== node)
  return subscriptions.value
    .filter(({ slot, publications }) => !others.some((other) => publishesFor(other, slot, publications)))
    .map(({ name, slot }) => ({
      ...base,
      role: 'publisher' as const,
      name: `the publisher of subscription ${name}`,
      address: null,
      port: null,
      slot,
      database: null,
    }))
}

const listensOn = (node: NodeView, port: number | null | undefined): boolean =>
  node.facts.settings.seen && port != null && node.facts.settings.value['port'] === String(port)

const publishesFor = (
  { facts: { replicationSlots, publications } }: NodeView,
  slot: string | null,
  names: readonly string[],
): boolean =>
  (replicationSlots.seen && replicationSlots.value.some(({ name, type }) => type === 'logical' && name === slot)) ||
  (publications.seen && publications.value.some(({ name }) => names.includes(name)))

function consumersOf(node: NodeView, nodes: readonly NodeView[]): readonly Unnamed[] {
  const { senders, replicationSlots } = node.facts
  if (!senders.seen || !replicationSlots.seen) return []
  const slots = replicationSlots.value.filter(({ temporary, synced }) => !temporary && !synced)
  const named = nodes.filter((other) => other !== node).map(identityOf)
  const isNamed = (name: string, slot: string | null): boolean =>
    named.some(({ names, slots: own }) => (slot === null ? names.includes(name) : own.includes(slot)))
  const sending = senders.value
    .filter(({ state, slot }) => state !== 'backup' && !slots.some(({ name }) => name === slot && isNamed('', slot)))
    .filter((sender) => sender.slot !== null || isStandbySender(sender, slots))
    .filter(({ applicationName, slot }) => !isNamed(applicationName, slot))
  // Streaming nodes that are named and cannot be told apart from who is not: as many senders are theirs.
  const anonymous = named.filter(({ streams, slots: own }) => streams && own.length === 0).length
  const database = node.facts.server.seen ? node.facts.server.value.database : null
  const databaseOf = (role: Unnamed['role']): string | null => (role === 'standby' ? database : null)
  const told = sending.filter(({ slot }) => slot !== null)
  const untold = sending.filter(({ slot }) => slot === null).slice(anonymous)
  return [
    ...[...told, ...untold].map((sender) => {
      const role = roleOf(slots.find(({ name }) => name === sender.slot)?.type)
      return {
        role,
        by: node.name,
        name: sender.applicationName === '' ? (sender.slot ?? 'a standby') : sender.applicationName,
        address: sender.clientAddress,
        port: null,
        slot: sender.slot,
        database: databaseOf(role),
      }
    }),
    ...slots
      .filter(({ name, active }) => !active && !isNamed('', name))
      .map(({ name, type }) => {
        const role = roleOf(type)
        return { role, by: node.name, name, address: null, port: null, slot: name, database: databaseOf(role) }
      }),
  ]
}

const roleOf = (type: 'physical' | 'logical' | undefined): 'standby' | 'subscriber' =>
  type === 'logical' ? 'subscriber' : 'standby'

/** By what its upstream would know it. */
function identityOf({ name, facts }: NodeView): {
  readonly names: readonly string[]
  readonly slots: readonly string[]
  readonly streams: boolean
} {
  const settings = facts.settings.seen ? facts.settings.value : {}
  const receivers = facts.receiver.seen ? facts.receiver.value : []
  const states = facts.subscriptionStates.seen ? facts.subscriptionStates.value : []
  const slots = [settings['primary_slot_name'], ...[...receivers, ...states].map(({ slot }) => slot)]
  return {
    names: [name, settings['cluster_name'] ?? ''].filter((each) => each !== ''),
    slots: slots.filter((slot): slot is string => slot != null && slot !== ''),
    streams: receivers.length > 0,
  }
}
