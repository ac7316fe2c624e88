import type { ClusterConfig } from '../core/configuration.ts'
import type { Doer } from '../plans/doer.ts'
import type { Store } from '../store/store.ts'
import { doersOf } from './doers.ts'
import { reindexDoers } from './indexes/doers.ts'
import { reachOf } from './reach.ts'
import { rowDoersOf } from './rows/doers.ts'
import { keepUndo } from './rows/files.ts'
import { keptIn, rowsReachOf } from './rows/reach.ts'
import { rebuildDoers } from './tables/doers.ts'
import { tableReachOf } from './tables/reach.ts'

/**
 * The doers of every kind of plan: whoever made a plan, it can be resumed and taken back by any command. Rows as they were are
 * kept in the store, and in files of the directory.
 */
export function allDoers(cluster: ClusterConfig, store: Store, directory: string): readonly Doer[] {
  const tables = tableReachOf(cluster)
  const kept = keptIn(store, (plan, n, rows) => keepUndo(directory, plan, n, rows))
  return [
    ...doersOf(reachOf(cluster)),
    ...rowDoersOf(rowsReachOf(cluster, kept)),
    ...rebuildDoers(tables),
    ...reindexDoers(tables),
  ]
}
