import type { PostgresFacts } from './facts/postgres/index.ts'
import type { SenderFact, SlotFact } from './facts/postgres/replication.ts'
import type { ServerFact } from './facts/postgres/server.ts'

/** A node with its place; what it wants is read where it was seen: `receiver`, `replicationSlots`, `settings`. */
export interface Member {
  readonly name: string
  /** The primary of its system, or the node that it follows. */
  readonly upstream: string | null
  readonly server: ServerFact
  readonly wanted: Partial<Pick<PostgresFacts, 'receiver' | 'replicationSlots' | 'settings' | 'senders'>>
}

/**
 * The servers that WAL passes on its way to this standby, nearest first: a standby may follow a standby. It ends with the first
 * that is not in recovery, or with the last one that could be seen.
 */
export function hopsOf<T extends Member>(node: T, nodes: readonly T[]): readonly T[] {
  const hops: T[] = []
  for (let at = node; at.server.inRecovery;) {
    const next = sourceOf(at, nodes)
    if (!next || next === node || hops.includes(next)) break
    hops.push(next)
    at = next
  }
  return hops
}

/** The primary at the start of its WAL; null while that one is not seen. */
export function rootOf<T extends Member>(node: T, nodes: readonly T[]): T | null {
  const last = hopsOf(node, nodes).at(-1)
  return last && !last.server.inRecovery ? last : null
}

/** Whose slot it uses, else who listens on the port that it streams from, else whom it is said to follow. */
function sourceOf<T extends Member>(node: T, nodes: readonly T[]): T | undefined {
  const others = nodes.filter((other) => other !== node && other.server.systemId === node.server.systemId)
  const [receiver] = node.wanted.receiver ?? []
  const only = (found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined)
  const bySlot =
    receiver?.slot == null
      ? undefined
      : only(
          others.filter(({ wanted }) =>
            wanted.replicationSlots?.some(
              ({ name, type, active }) => type === 'physical' && active && name === receiver.slot,
            ),
          ),
        )
  const byPort =
    receiver?.senderPort == null
      ? undefined
      : only(others.filter(({ wanted }) => wanted.settings?.['port'] === String(receiver.senderPort)))
  return bySlot ?? byPort ?? nodes.find((other) => other !== node && other.name === node.upstream)
}

/**
 * Does a standby stream through this walsender? Not a base backup or pg_receivewal, which replay nothing, and not a logical
 * consumer, which reads through a logical slot.
 */
export const isStandbySender = (sender: SenderFact, slots: readonly SlotFact[]): boolean =>
  sender.state !== 'backup' &&
  sender.replayLsn !== null &&
  !slots.some(({ type, name }) => type === 'logical' && name === sender.slot)

/** The walsender of its upstream that serves this standby; null where it cannot be told which one it is. */
export function senderOf(node: Member, source: Member): SenderFact | null {
  const { receiver = [], settings = {} } = node.wanted
  const slot = receiver[0]?.slot ?? settings['primary_slot_name'] ?? ''
  const names = [node.name, settings['cluster_name']]
  const senders = (source.wanted.senders ?? []).filter(({ state }) => state !== 'backup')
  const bySlot = slot === '' ? undefined : senders.find((sender) => sender.slot === slot)
  return bySlot ?? senders.find(({ applicationName }) => names.includes(applicationName)) ?? null
}

/**
 * One server under two names: equal identity and equal start, and nothing that is known of both (port, data directory) speaks
 * against it.
 */
export function isSameServer(one: Member, other: Member): boolean {
  const differs = ['port', 'data_directory'].some((name) => {
    const [here, there] = [one.wanted.settings?.[name], other.wanted.settings?.[name]]
    return here !== undefined && there !== undefined && here !== there
  })
  return (
    one.server.systemId === other.server.systemId &&
    one.server.startedMs === other.server.startedMs &&
    one.server.inRecovery === other.server.inRecovery &&
    !differs
  )
}
