import type { ClusterConfig } from '../core/configuration.ts'
import type { VerifyReport } from '../core/verification.ts'
import { comparingLinks } from '../rows/links.ts'
import type { Store } from '../store/store.ts'
import { GoingThrough } from './going-through.ts'
import { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import { pairsOf, pairsOfTwo } from './pairs.ts'
import type { Tally } from './rate.ts'
import { clusterReport, weightKey } from './report.ts'
import type { Wishes } from './tasks.ts'
import { tasksOf } from './tasks.ts'
import { lookAtTopology } from './topology.ts'

export interface VerifyOptions extends Wishes {
  readonly cluster: ClusterConfig
  /** Two addresses that were given by hand: the first is what the second should be, where neither follows the other. */
  readonly isTwo: boolean
  /** Share of the time in which a statement of ours may run on a node, above 0 to 1. */
  readonly load: number
  readonly fresh: boolean
  readonly store: Store
  readonly clock: () => number
  readonly onTally: (tally: Tally & { readonly now: string }) => void
}

/** Compares every wanted table on every pair of a cluster. An aborted signal ends it early, with what is known by then. */
export async function verifyCluster(options: VerifyOptions): Promise<VerifyReport> {
  const { cluster, isTwo, signal, clock, store } = options
  const nodes = await lookAtTopology(cluster, signal)
  const found = isTwo ? pairsOfTwo(nodes) : pairsOf(nodes)
  const links = comparingLinks(cluster, signal)
  try {
    const readers = new Map<string, PacedNode>()
    for (const name of new Set(found.pairs.flatMap(({ left, right }) => [left, right])))
      readers.set(name, new PacedNode(await links.reader(name), options.load))
    const prepared = await tasksOf(options, found, nodes, readers)
    const run = new GoingThrough(options, readers, prepared.tasks)
    const done = await Promise.all(prepared.tasks.map(async (task) => run.pair(task)))
    if (!signal.aborted)
      await store.forgetVerified(
        prepared.tasks.flatMap(({ pair, tables, again }) =>
          tables
            .filter(({ name }) => again?.get(name)?.keys == null)
            .map(({ name }) => ({ cluster: cluster.name, source: pair.left, target: pair.right, relation: name })),
        ),
      )
    return clusterReport({
      cluster: cluster.name,
      atMs: clock(),
      pairs: done.map(({ report }) => report),
      notCovered: [...found.notCovered, ...prepared.notCovered, ...done.flatMap(({ notCovered }) => notCovered)],
      blind: [...found.blind, ...prepared.blind],
      weights: new Map(
        prepared.tasks.flatMap(({ pair, tables }) =>
          tables.map(({ name, rowsEstimated }) => [weightKey(pair, name), rowsEstimated] as const),
        ),
      ),
    })
  } finally {
    await links.close()
  }
}
