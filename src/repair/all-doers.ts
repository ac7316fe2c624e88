import type { ClusterConfig } from '../core/configuration.ts'
import type { Doer } from '../plans/doer.ts'
import { doersOf } from './doers.ts'
import { reindexDoers } from './indexes/doers.ts'
import { reachOf } from './reach.ts'
import { rebuildDoers } from './tables/doers.ts'
import { tableReachOf } from './tables/reach.ts'

/** The doers of every kind of plan but those of rows: whoever made a plan, it can be resumed and taken back. */
export function allDoers(cluster: ClusterConfig): readonly Doer[] {
  const tables = tableReachOf(cluster)
  return [...doersOf(reachOf(cluster)), ...rebuildDoers(tables), ...reindexDoers(tables)]
}
