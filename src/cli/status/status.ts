import candidateExists from '../../checks/availability/candidate-exists.ts'
import type { ClusterConfig, Configuration } from '../../core/configuration.ts'
import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Finding } from '../../core/finding.ts'
import type { TakeoverLimits } from '../../core/takeover.ts'
import { inspect } from '../../findings/inspect.ts'
import { withMutes } from '../../findings/mute.ts'
import { unnamed, type Unnamed } from '../../fleet/discovery.ts'
import type { AuditNode } from '../audit.ts'
import { look } from '../look.ts'
import { catalogue } from '../program.ts'
import { knownRows, type KnownRows } from './known.ts'
import { topology, type TopologyNode } from './topology.ts'

/** A cluster as it stands now. */
export interface ClusterStatus {
  readonly name: string
  readonly nodes: readonly TopologyNode[]
  /** Without what is muted. */
  readonly findings: readonly Finding[]
  /** The first cause, where one is named. */
  readonly cause: Diagnosis['causes'][number] | null
  readonly unnamed: readonly Unnamed[]
  /** How much of the tables is known to be the same. */
  readonly rows: KnownRows
  /** The reading role by node. */
  readonly readers: readonly Pick<AuditNode, 'name' | 'reader'>[]
}

/** Those of the check that asks the same; a single look has no grace. */
const takeoverLimits = (thresholds: Configuration['thresholds']): TakeoverLimits => {
  const limit = (name: string): number =>
    thresholds[candidateExists.id]?.[name] ?? candidateExists.limits?.[name]?.default ?? 0
  return { lostMs: limit('lostMs'), freeShare: limit('freeShare'), graceMs: 0 }
}

/** Looks at a cluster for a moment. */
export async function clusterStatus(
  cluster: ClusterConfig,
  { thresholds, mutes, store, file }: Pick<Configuration, 'thresholds' | 'mutes' | 'store' | 'file'>,
  signal: AbortSignal,
): Promise<ClusterStatus | null> {
  const judging = catalogue(thresholds, { invariants: cluster.invariants, mutes })
  const seen = await look(cluster, judging, signal)
  if (!seen) return null
  const { snapshot, earlier, diagnosis } = seen
  const results = withMutes(inspect(judging.checks, snapshot, earlier, thresholds), mutes, snapshot.atMs)
  const findings = results.flatMap(({ found }) => found.filter(({ muted }) => muted === undefined))
  const first = diagnosis?.causes[0]
  return {
    name: cluster.name,
    nodes: topology(snapshot, earlier, findings, takeoverLimits(thresholds)),
    findings,
    cause: first && (first.verdict === 'confirmed' || first.verdict === 'probable') ? first : null,
    unnamed: unnamed(snapshot.nodes),
    // Without a file nothing says where it would be kept.
    rows: file === null ? { known: null, why: null } : await knownRows(cluster, { store }, snapshot.nodes, signal),
    readers: snapshot.nodes.map(({ name, facts: { privileges } }) => ({
      name,
      reader: privileges.seen ? privileges.value.role : null,
    })),
  }
}
