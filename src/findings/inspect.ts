import type { Change } from '../core/change.ts'
import type { Check, CheckNode } from '../core/check.ts'
import type { ClusterFactKey, ClusterFacts } from '../core/facts/cluster.ts'
import type { FactKey, PostgresFacts } from '../core/facts/postgres/index.ts'
import type { Blind, CheckResult, Draft, Finding } from '../core/finding.ts'
import type { Observation } from '../core/observation.ts'
import type { NodeView, Snapshot } from '../core/snapshot.ts'

/** Limits that the configuration changes: by check id, then by limit. */
export type Thresholds = Readonly<Record<string, Readonly<Record<string, number>>>>

/** What happened beside the snapshot, for the few checks that ask. */
export interface Beside {
  readonly changes?: readonly Change[]
  /** How long each node has not answered. */
  readonly unansweredMs?: Readonly<Record<string, number>>
}

/**
 * Runs checks over a snapshot. `history`: earlier snapshots, oldest first, for checks that compare counters.
 * A node of which a needed fact was not seen is listed as blind and never reaches the check half-seen.
 */
export function inspect(
  checks: readonly Check[],
  snapshot: Snapshot,
  history: readonly Snapshot[],
  thresholds: Thresholds = {},
  beside: Beside = {},
): readonly CheckResult[] {
  return checks.map((check) => inspectOne(check, snapshot, history, thresholds[check.id] ?? {}, beside))
}

function inspectOne(
  check: Check,
  snapshot: Snapshot,
  history: readonly Snapshot[],
  thresholds: Readonly<Record<string, number>>,
  { changes = [], unansweredMs = {} }: Beside,
): CheckResult {
  const blind: Blind[] = []
  const nodes: CheckNode<FactKey>[] = []
  for (const view of snapshot.nodes) {
    const unseen = check.needs.map((key) => view.facts[key]).find((fact) => !fact.seen)
    if (unseen && !unseen.seen)
      blind.push({ node: view.name, why: unseen.why, detail: unseen.detail, remedy: unseen.remedy })
    else if (view.role !== null) {
      nodes.push(checkNode(check, view, { snapshot, history, unansweredMs: unansweredMs[view.name] ?? null }))
    }
  }
  const cluster: Partial<Record<ClusterFactKey, unknown>> = {}
  for (const key of check.needsCluster ?? []) {
    const fact = snapshot.facts[key]
    if (!fact.seen) {
      const why = { node: snapshot.cluster, why: fact.why, detail: fact.detail, remedy: fact.remedy }
      return { check: check.id, looked: [], blind: [why], found: [] }
    }
    cluster[key] = fact.value
  }
  const limits: Record<string, number> = {}
  for (const [name, limit] of Object.entries(check.limits ?? {})) limits[name] = thresholds[name] ?? limit.default

  const seen = {
    nodes,
    blind: blind.map(({ node, detail }) => {
      const view = snapshot.nodes.find(({ name }) => name === node)
      return {
        name: node,
        role: view?.role ?? null,
        upstream: view?.upstream ?? null,
        detail,
        unansweredMs: unansweredMs[node] ?? 0,
      }
    }),
    // Exactly the keys that `needsCluster` names, all seen: what the type of this check promises.
    cluster: cluster as ClusterFacts,
    wanted: wantedOf(check.wantsCluster ?? [], snapshot.facts),
    changes,
    limits,
    atMs: snapshot.atMs,
  }
  const found = [...check.run(seen)].map((draft) => finding(check, draft, snapshot.atMs))
  const looked = nodes.length > 0 ? nodes.map((node) => node.name) : check.needs.length === 0 ? [snapshot.cluster] : []
  return { check: check.id, looked, blind: [...blind, ...(check.unseen?.(seen) ?? [])], found }
}

/** Those of the facts that were seen. */
const wantedOf = <K extends string>(keys: readonly K[], facts: { readonly [P in K]: Observation<unknown> }): object =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const fact = facts[key]
      return fact.seen ? [[key, fact.value]] : []
    }),
  )

const finding = (check: Check, draft: Draft, atMs: number): Finding => ({
  ...draft,
  check: check.id,
  severity: draft.severity ?? check.severity,
  sinceMs: atMs,
  sustained: false,
})

interface Looked {
  readonly snapshot: Snapshot
  readonly history: readonly Snapshot[]
  readonly unansweredMs: number | null
}

function checkNode(check: Check, view: NodeView, { snapshot, history, unansweredMs }: Looked): CheckNode<FactKey> {
  const past: { earlier: CheckNode<FactKey>['earlier'] | null } = { earlier: null }
  return {
    // Looked at before: a node with a needed fact unseen is blind, and never comes here.
    ...(factsOf(check.needs, view) ?? ({} as PostgresFacts)),
    name: view.name,
    role: view.role ?? 'primary',
    upstream: view.upstream,
    // Two minutes of seconds, for each check and node: most checks never ask.
    get earlier() {
      return (past.earlier ??= earlierOf(check.needs, view.name, history))
    },
    atMs: snapshot.atMs,
    unansweredMs,
    seenMs: seenMsOf(check.needs, view),
    wanted: wantedOf(check.wants ?? [], view.facts),
  }
}

const earlierOf = (
  needs: readonly FactKey[],
  name: string,
  history: readonly Snapshot[],
): CheckNode<FactKey>['earlier'] =>
  history.flatMap((past) => {
    const same = past.nodes.find((node) => node.name === name)
    const facts = same && factsOf(needs, same)
    return facts ? [{ ...facts, atMs: past.atMs }] : []
  })

function seenMsOf(needs: readonly FactKey[], view: NodeView): CheckNode<FactKey>['seenMs'] {
  const times: Partial<Record<FactKey, number>> = {}
  for (const key of needs) {
    const fact = view.facts[key]
    if (fact.seen) times[key] = fact.atMs
  }
  // Complete for `needs`, as the facts themselves.
  return times as CheckNode<FactKey>['seenMs']
}

/** The named facts of a node, or null when one of them was not seen. */
function factsOf(needs: readonly FactKey[], view: NodeView): PostgresFacts | null {
  const facts: Partial<Record<FactKey, unknown>> = {}
  for (const key of needs) {
    const fact = view.facts[key]
    if (!fact.seen) return null
    facts[key] = fact.value
  }
  // Complete for `needs`, which is all that the check's type lets it read.
  return facts as unknown as PostgresFacts
}
