import type { ClusterConfig } from '../core/configuration.ts'
import type { Doer } from '../plans/doer.ts'
import { reindexDoers } from './indexes/doers.ts'
import { rebuildDoers } from './tables/doers.ts'
import { tableReachOf } from './tables/reach.ts'

/** The doers of the plans that mend damaged tables and indexes. */
export function damageDoers(cluster: ClusterConfig): readonly Doer[] {
  const reach = tableReachOf(cluster)
  return [...rebuildDoers(reach), ...reindexDoers(reach)]
}
