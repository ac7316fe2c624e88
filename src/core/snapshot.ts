import type { ClusterFactKey, ClusterFacts } from './facts/cluster.ts'
import type { FactKey, PostgresFacts } from './facts/postgres/index.ts'
import type { Observation } from './observation.ts'

/** What a node is for. `standby` is physical, `subscriber` logical. */
export type NodeRole = 'primary' | 'standby' | 'subscriber'

export type SourceKind = 'postgres'

/** What one node said at one moment, in one round trip. An absent key was not asked this time. */
export interface Sample {
  readonly node: string
  readonly atMs: number
  readonly tookMs: number
  readonly facts: { readonly [K in FactKey]?: Observation<PostgresFacts[K]> }
}

/** A node as it is known now: the last observation of each key, each with its own time. */
export interface NodeView {
  readonly name: string
  readonly kind: SourceKind
  /** Read from the server, or declared while it does not answer; null while neither is known. */
  readonly role: NodeRole | null
  /** The node that it follows: the primary of a standby, the publisher of a subscriber. */
  readonly upstream: string | null
  readonly facts: { readonly [K in FactKey]: Observation<PostgresFacts[K]> }
}

/** A whole cluster at one moment. */
export interface Snapshot {
  readonly cluster: string
  readonly atMs: number
  readonly nodes: readonly NodeView[]
  readonly facts: { readonly [K in ClusterFactKey]: Observation<ClusterFacts[K]> }
}
