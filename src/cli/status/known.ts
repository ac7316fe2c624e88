import type { ClusterConfig, Configuration } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { NodeView } from '../../core/snapshot.ts'
import { comparingLinks } from '../../rows/links.ts'
import { openExistingStore } from '../../store/open.ts'
import { knownOf, toldBySample, type Known, type ToldTable } from '../../verify/known.ts'
import { PacedNode } from '../../engines/postgres/paced/paced-node.ts'
import { keyOf } from '../../verify/rolling/entry.ts'
import { listingOf } from '../../verify/rolling/listing.ts'
import { readKept } from '../sampling.ts'
import { toldOf } from '../verify/told.ts'

/** What is known of a cluster's rows; null with `why` in words, which are null where there is nothing to say. */
export interface KnownRows {
  readonly known: Known | null
  readonly why: string | null
}

const never: KnownRows = { known: null, why: 'never compared to their end: antemortem verify' }

/**
 * How much of the tables of a cluster was compared, of those that its catalogs list now. Nothing is asked where nobody asked
 * for it: no `verify:` section, and no run of `verify` is known.
 */
export async function knownRows(
  cluster: ClusterConfig,
  { store }: Pick<Configuration, 'store'>,
  nodes: readonly NodeView[],
  signal: AbortSignal,
): Promise<KnownRows> {
  if (nodes.length < 2) return { known: null, why: null }
  try {
    const told = await kept(store, cluster.name)
    if (!cluster.verify && told.length === 0) return never
    const known = await among(told, cluster, nodes, signal)
    return { known, why: known.verified + known.differing === 0 && known.tables > 0 ? never.why : null }
  } catch (error) {
    // The tree is what somebody needs at night, whatever has become of a file of ours.
    if (error instanceof AntemortemError)
      return { known: null, why: `what was compared is not known: ${error.message}` }
    throw error
  }
}

async function among(
  told: readonly ToldTable[],
  cluster: ClusterConfig,
  nodes: readonly NodeView[],
  signal: AbortSignal,
): Promise<Known> {
  const links = comparingLinks(cluster, signal)
  try {
    const readerOf = async (name: string): Promise<PacedNode> => new PacedNode(await links.reader(name), 1)
    const { wanted, isAll } = await listingOf(nodes, cluster.verify?.tables ?? [], readerOf, signal)
    // What is not listed may only be out of sight.
    return knownOf(new Set([...wanted.keys(), ...(isAll ? [] : told.map(keyOf))]), told)
  } finally {
    await links.close()
  }
}

async function kept(url: string, cluster: string): Promise<readonly ToldTable[]> {
  const store = await openExistingStore(url, { clock: Date.now })
  if (!store) return []
  try {
    return [...(await toldOf(store, cluster)), ...(await readKept(store, cluster)).flatMap(toldBySample)]
  } finally {
    await store.close()
  }
}
