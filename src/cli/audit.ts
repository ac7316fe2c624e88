import type { Accepted } from '../core/accepted.ts'
import type { Check } from '../core/check.ts'
import type { ClusterConfig, Mute } from '../core/configuration.ts'
import type { CheckResult } from '../core/finding.ts'
import type { NodeRole, NodeView } from '../core/snapshot.ts'
import { inspect, type Thresholds } from '../findings/inspect.ts'
import { withMutes } from '../findings/mute.ts'
import { unnamed, type Unnamed } from '../fleet/discovery.ts'
import { look } from './look.ts'

export interface AuditNode {
  readonly name: string
  readonly role: NodeRole | null
  readonly version: string
  /** The reading role as the server knows it; null where it was not seen. */
  readonly reader: string | null
}

/** What a one-shot look at a cluster gave. */
export interface Audit {
  readonly name: string
  readonly nodes: readonly AuditNode[]
  readonly results: readonly CheckResult[]
  /** Servers that the ones that were looked at tell of. */
  readonly unnamed: readonly Unnamed[]
}

export interface Judging {
  readonly checks: readonly Check[]
  readonly thresholds: Thresholds
  readonly mutes: readonly Mute[]
  /** The last known good state; null where none was kept. */
  readonly accepted: Accepted | null
}

/** Looks at a cluster for a moment, and runs the checks once over what was seen. */
export async function audit(
  cluster: ClusterConfig,
  { checks, thresholds, mutes, accepted }: Judging,
  signal: AbortSignal,
): Promise<Audit> {
  const { name } = cluster
  const seen = await look(cluster, { checks, causes: [], suspects: [], thresholds }, signal, accepted)
  if (!seen)
    return {
      name,
      nodes: cluster.nodes.map((node) => ({ name: node.name, role: null, version: 'not seen', reader: null })),
      results: [],
      unnamed: [],
    }
  const { snapshot, earlier } = seen
  return {
    name,
    nodes: snapshot.nodes.map(nodeWords),
    results: withMutes(inspect(checks, snapshot, earlier, thresholds), mutes, snapshot.atMs),
    unnamed: unnamed(snapshot.nodes),
  }
}

function nodeWords(node: NodeView): AuditNode {
  const { server, privileges } = node.facts
  const reader = privileges.seen ? privileges.value.role : null
  if (!server.seen) return { name: node.name, role: null, version: server.detail, reader }
  return { name: node.name, role: node.role, version: `PostgreSQL ${versionText(server.value.versionNum)}`, reader }
}

/** 180004 as people write it: 18.4. */
export const versionText = (versionNum: number): string => `${Math.floor(versionNum / 10_000)}.${versionNum % 10_000}`
