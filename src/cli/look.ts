import type { Accepted } from '../core/accepted.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import type { Catalogue } from '../watch/evaluate.ts'
import type { Watch } from '../watch/watch.ts'
import { watchUntil, type Look } from './watch-until.ts'

export type { Look } from './watch-until.ts'

/** Looks at a cluster until every node, table, contract and own rule was looked at. Nothing is written anywhere. */
export const look = async (
  cluster: ClusterConfig,
  catalogue: Catalogue,
  signal: AbortSignal,
  accepted: Accepted | null = null,
): Promise<Look | null> => watchUntil(cluster, catalogue, { compareAll: true, isDone, accepted }, signal)

function isDone({ judged, hasCompared }: Watch): boolean {
  const facts = judged?.case.snapshot.facts
  // Files of a host are read beside the rounds.
  const isReading = [facts?.hosts, facts?.logs].some((fact) => fact?.seen === false && fact.why === 'no-history')
  return hasCompared && !isReading
}
