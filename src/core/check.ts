import type { Change } from './change.ts'
import type { ClusterFactKey, ClusterFacts } from './facts/cluster.ts'
import type { FactKey, PostgresFacts } from './facts/postgres/index.ts'
import type { Blind, Draft } from './finding.ts'
import type { Severity } from './severity.ts'
import type { NodeRole, SourceKind } from './snapshot.ts'

/** A default number with its unit and the reason for it; `thresholds` of the configuration may change it. */
export interface Limit {
  readonly default: number
  readonly unit: 'ms' | 'bytes' | 'count' | 'share'
  readonly why: string
}

/** A node that was seen whole, as far as the check needs it. */
export type CheckNode<K extends FactKey> = {
  readonly name: string
  readonly role: NodeRole
  readonly upstream: string | null
  /** The same node some samples earlier, oldest first: for true differences of counters only. */
  readonly earlier: readonly (Pick<PostgresFacts, K> & { readonly atMs: number })[]
  readonly atMs: number
  /** When each needed fact was read: between two rounds a fact is older than the snapshot. */
  readonly seenMs: { readonly [P in K]: number }
  /** How long it has not answered, 0 while it does; null where nobody counts, in a single look. */
  readonly unansweredMs: number | null
  /** Facts that the check can do without (`wants`): undefined where they were not seen. */
  readonly wanted: Partial<PostgresFacts>
} & Pick<PostgresFacts, K>

export interface CheckView<K extends FactKey, C extends ClusterFactKey, L extends string> {
  readonly nodes: readonly CheckNode<K>[]
  /** Nodes that the configuration names and that could not be seen. */
  readonly blind: readonly {
    readonly name: string
    readonly role: NodeRole | null
    readonly upstream: string | null
    readonly detail: string
    /** How long it has not answered. */
    readonly unansweredMs: number
  }[]
  readonly cluster: Pick<ClusterFacts, C>
  /** Cluster facts that the check can do without (`wantsCluster`): undefined where they were not seen. */
  readonly wanted: { readonly [K in ClusterFactKey]?: ClusterFacts[K] }
  /** Changes of the last hour, oldest first. */
  readonly changes: readonly Change[]
  readonly limits: Readonly<Record<L, number>>
  readonly atMs: number
}

/**
 * A pure function from a snapshot to findings. `needs` are the facts of a node without which there is no answer for that
 * node, `needsCluster` those without which there is no answer at all.
 */
export interface Check<
  K extends FactKey = FactKey,
  C extends ClusterFactKey = ClusterFactKey,
  L extends string = string,
> {
  /** `group/what-is-looked-at`: also its file, its test and its page. Never reused, never renamed. */
  readonly id: string
  readonly on: readonly SourceKind[]
  readonly severity: Severity
  readonly needs: readonly K[]
  /** Facts of a node that make it see more; it answers without them, and says nothing of what it did not see. */
  readonly wants?: readonly FactKey[]
  readonly needsCluster?: readonly C[]
  /** The same of cluster facts. */
  readonly wantsCluster?: readonly ClusterFactKey[]
  readonly limits?: Readonly<Record<L, Limit>>
  /** The limit that says how long a finding must last before anybody is woken; without one, at once. */
  readonly sustainMs?: NoInfer<L>
  /**
   * Its critical findings are what users feel: they open an incident, once they have lasted. `counted`: they count the users'
   * own failures, so that a cause that is known by then opens it sooner.
   */
  readonly harm?: true | 'counted'
  readonly question: string
  /** The seeds that it would have seen. */
  readonly seeds: readonly number[]
  /** Method syntax on purpose: a check of fewer facts stands in a list of checks. */
  run(view: CheckView<K, C, L>): Iterable<Draft>
  /** What it could not look at, though every fact that it needs was seen: a single table, say. */
  unseen?(view: CheckView<K, C, L>): Iterable<Blind>
}

/** Infers the facts from `needs`, so that a check cannot read what it did not ask for. */
export function defineCheck<
  const K extends FactKey,
  const L extends string = never,
  const C extends ClusterFactKey = never,
>(check: Check<K, C, L>): Check {
  // The list holds checks of different needs; `findings/inspect` hands each exactly the facts that it named.
  return check
}
