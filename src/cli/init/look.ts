import type { Configuration } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import { readAddress, resolveUrl } from '../../engines/postgres/index.ts'
import { unnamed } from '../../fleet/discovery.ts'
import { look } from '../look.ts'
import { draftContracts, draftNodes, type Draft } from './draft.ts'
import { grantsFor, type Grants } from './grants.ts'
import { settingsNearby } from './nearby.ts'

/** Looks at the given servers, and drafts their configuration. `shown` makes a found file what the configuration names. */
export async function draftOf(
  { clusters }: Configuration,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
  shown: (file: string) => string,
): Promise<{ readonly draft: Draft; readonly grants: readonly Grants[] }> {
  const [cluster] = clusters
  if (!cluster) throw new Error('a configuration of addresses has one cluster')
  const seen = await look(cluster, { checks: [], causes: [], suspects: [], thresholds: {} }, signal)
  const hidden = seen?.snapshot.nodes.flatMap(({ facts: { server } }) => (server.seen ? [] : [server])) ?? []
  if (!seen || hidden.length > 0)
    // What a server is for is what the file is about: half a look would be half a file.
    throw new AntemortemError(
      'nothing-seen',
      hidden.map(({ detail }) => detail).join('\n') || 'no server answered',
      hidden[0]?.remedy ?? 'Look whether the servers run.',
    )
  const views = seen.snapshot.nodes
  const { names, ...drafted } = draftNodes(cluster, views, unnamed(views), shown)
  const named = views.map((view) => ({ ...view, name: names.get(view.name) ?? view.name }))
  const addresses = cluster.nodes.map(({ name, url }) => ({
    name: names.get(name) ?? name,
    address: readAddress(resolveUrl(url, name)),
  }))
  const files = settingsNearby(folder, addresses).map((found) => ({ ...found, file: shown(found.file) }))
  return { draft: { ...drafted, contracts: draftContracts(files, named) }, grants: grantsFor(named) }
}
