import type { Case, Evidence } from '../core/diagnosis.ts'
import { applyErrors } from './apply-log.ts'
import { laggingHarm } from './harm.ts'
import { entryEvidence } from './log-errors.ts'
import { factOf, nodeOf, type LogicalPair } from './look.ts'

/** A failing worker is started again every five seconds: over this time its errors must have been counted. */
const tellingMs = 15_000

/**
 * Does the apply worker of a subscriber fail on what it is sent? Errors that grow say so, and a worker that is gone, unless its
 * errors stand still: then it does not get as far as that. Old rows say so where nothing says that apply is well.
 */
export function applyFails(c: Case, { publisher, subscriber }: LogicalPair): readonly Evidence[] {
  const node = subscriber.name
  const states = factOf(subscriber, 'subscriptionStates') ?? []
  const enabled = states.filter((state) => state.enabled)
  const past = c.earlier ? c.earlier.nodes.find(({ name }) => name === node) : undefined
  const since = c.earlier ? c.atMs - c.earlier.atMs : 0
  // The log has it seconds before any counter.
  const evidence: Evidence[] = applyErrors(c, node, tellingMs).map(({ entry }) => entryEvidence(entry))
  let isWell = enabled.length > 0
  for (const state of states) {
    const growth = growthOf(c, node, state.name)
    const standsStill = growth === 0 && since >= tellingMs
    const before = past && factOf(past, 'subscriptionStates')?.find(({ name }) => name === state.name)
    if (!standsStill || state.workerPid === null || before?.workerPid == null) isWell = false
    if (growth !== null && growth > 0)
      evidence.push({
        words: `apply_error_count of ${state.name} on ${node} grew by ${growth}`,
        node,
        source: 'pg_stat_subscription_stats',
        values: { apply_error_count: state.applyErrors, growth },
      })
    else if (state.enabled && state.workerPid === null && !standsStill)
      evidence.push({
        words: `subscription ${state.name} on ${node} is enabled and has no apply worker`,
        node,
        source: 'pg_stat_subscription',
        values: { subenabled: true, pid: null },
      })
  }
  if (evidence.length > 0 || isWell || enabled.length === 0) return evidence
  return laggingHarm(c, node, ({ source }) => source === publisher.name)
}

/** Since the earlier snapshot; null where it cannot be told: no counters, a restart, a reset. */
function growthOf(c: Case, node: string, subscription: string): number | null {
  const now = nodeOf(c, node)
  const past = c.earlier?.nodes.find(({ name }) => name === node)
  if (!now || !past || factOf(now, 'server')?.startedMs !== factOf(past, 'server')?.startedMs) return null
  const [errors, before] = [now, past].map(
    (view) => factOf(view, 'subscriptionStates')?.find(({ name }) => name === subscription)?.applyErrors ?? null,
  )
  if (errors == null || before == null || errors < before) return null
  return errors - before
}
