import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import type { Store } from '../../store/store.ts'
import { comparingLinks } from '../../rows/links.ts'
import type { Links } from '../../rows/links.ts'
import { reachOf as actingReachOf } from '../reach.ts'

/** How the nodes of a cluster are reached, and where the way back is kept. */
export interface RowsReach {
  /** The acting address of a node. */
  readonly act: (node: string) => string
  /** Names of all nodes of the cluster. */
  readonly nodes: readonly string[]
  readonly passiveFence: boolean
  /** Sessions of the reading roles; closed when the work is done. */
  read<T>(signal: AbortSignal, work: (links: Links) => Promise<T>): Promise<T>
  /** On the disk before it resolves. */
  readonly keep: (planId: string, n: number, rows: readonly RowChange[]) => Promise<void>
  /** What was kept when a step was carried out: an undoing plan holds none of it. */
  readonly kept: (planId: string, n: number) => Promise<readonly RowChange[]>
}

export function rowsReachOf(cluster: ClusterConfig, { keep, kept }: Pick<RowsReach, 'keep' | 'kept'>): RowsReach {
  const known = new Set(cluster.nodes.map(({ name }) => name))
  return {
    act: actingReachOf(cluster).act,
    nodes: [...known],
    passiveFence: cluster.fence === 'passive',
    async read(signal, work) {
      const links = comparingLinks(cluster, signal)
      try {
        return await work(links)
      } finally {
        await links.close()
      }
    },
    keep,
    kept,
  }
}

/** Rows are kept in the store, and in a file beside it: who loses one still has the other. */
export function keptIn(
  store: Pick<Store, 'saveImage' | 'images'>,
  alsoKeep: (planId: string, n: number, rows: readonly RowChange[]) => void,
): Pick<RowsReach, 'keep' | 'kept'> {
  return {
    async keep(planId, n, rows) {
      await store.saveImage(
        planId,
        n,
        rows.map(({ key, from, to }) => ({ key, from, to })),
      )
      alsoKeep(planId, n, rows)
    },
    async kept(planId, n) {
      const found = (await store.images(planId)).find((image) => image.n === n)
      // Written by `keep`, from these.
      return JSON.parse(JSON.stringify(found?.rows ?? [])) as readonly RowChange[]
    },
  }
}

/** A node that the plan names must be in the configuration still. */
export function assertKnown({ nodes }: RowsReach, names: readonly string[]): void {
  const strange = names.find((name) => !nodes.includes(name))
  if (strange !== undefined)
    throw new AntemortemError(
      'node-unknown',
      `there is no node ${strange} in this cluster`,
      'The configuration changed since the plan was made: make it again.',
      { exit: 2 },
    )
}
