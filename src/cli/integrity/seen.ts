import type { ClusterConfig } from '../../core/configuration.ts'
import type { Catalogue } from '../../watch/evaluate.ts'
import type { Watch } from '../../watch/watch.ts'
import { watchUntil, type Look } from '../watch-until.ts'

/**
 * Who is primary and who follows it, counters of damage, and the logs: two short looks. The application is no concern of it,
 * and rows are compared later, at a pace of their own.
 */
export const seenOf = async (cluster: ClusterConfig, catalogue: Catalogue, signal: AbortSignal): Promise<Look | null> =>
  watchUntil({ ...cluster, contracts: [], invariants: [] }, catalogue, { compareAll: false, isDone }, signal)

/** Of a node that was not asked yet nothing is known, not even that it does not answer; files of a host come later still. */
function isDone({ judged }: Watch): boolean {
  if (!judged) return false
  const { nodes, facts } = judged.case.snapshot
  const asked = nodes.flatMap(({ facts: { server, databases, replicationSlots } }) => [
    server,
    databases,
    replicationSlots,
  ])
  return [...asked, facts.hosts, facts.logs].every((fact) => fact.seen || fact.why !== 'no-history')
}
