import type { PublicationFact, SubscriptionFact } from '../core/facts/postgres/publication.ts'
import type { TableFact } from '../core/facts/postgres/schema.ts'
import type { NodeView, Snapshot } from '../core/snapshot.ts'

/** What of a node decides which rows it has. */
export interface Described {
  readonly tables: readonly TableFact[]
  readonly publications: readonly PublicationFact[]
  readonly subscriptions: readonly SubscriptionFact[]
}

/** null: the node was not seen. */
export function describedOf(snapshot: Snapshot, name: string): Described | null {
  const node = snapshot.nodes.find((one) => one.name === name)
  if (!node) return null
  const { tables, publications, subscriptions } = node.facts
  if (!tables.seen || !publications.seen || !subscriptions.seen) return null
  return { tables: tables.value, publications: publications.value, subscriptions: subscriptions.value }
}

export const followersOf = (snapshot: Snapshot, role: NodeView['role']): readonly NodeView[] =>
  snapshot.nodes.filter((node) => node.role === role)

export const tableIn = (described: Described, schema: string, name: string): TableFact | undefined =>
  described.tables.find((table) => table.schema === schema && table.name === name)

/** Through its root, where that is published, a partition is not listed itself. */
export const publishesRoots = (publisher: Described): boolean =>
  publisher.tables.some(
    ({ kind, schema, name }) =>
      kind === 'partitioned' &&
      publisher.publications.some(({ tables }) => tables.some((t) => t.schema === schema && t.name === name)),
  )

export const isPaused = ({ facts: { wal } }: NodeView): boolean => wal.seen && wal.value.replayPaused

/** Why a standby does not follow, in words; null where it does. */
export function notFollowing(node: NodeView): string | null {
  const { server, receiver } = node.facts
  if (server.seen && !server.value.inRecovery) return 'is a standby no more and takes writes of its own'
  if (isPaused(node)) return 'has paused its replay'
  return receiver.seen && !receiver.value.some(({ status }) => status === 'streaming') ? 'does not stream' : null
}
