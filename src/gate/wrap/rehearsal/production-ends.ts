import { lookup } from 'node:dns/promises'
import type { ClusterConfig } from '../../../core/configuration.ts'
import { readSettingsText } from '../../../contracts/settings-files.ts'
import { targetsOf } from '../../../contracts/targets.ts'
import { readAddress, resolveUrl } from '../../../engines/postgres/index.ts'

/** Every address at which a command would reach production: of the nodes, and of the application's own routes to them. */
export async function productionEnds(cluster: ClusterConfig): Promise<ReadonlySet<string>> {
  const nodes = cluster.nodes.map(({ name, url }) => readAddress(resolveUrl(url, name)))
  const routes = cluster.contracts
    .flatMap((contract) => targetsOf(cluster, contract, readSettingsText))
    .flatMap((target) => ('settings' in target ? [target.settings.address()] : []))
  const all = [...nodes, ...routes].flatMap(({ host, port, others }) => [{ host, port }, ...others])
  const ends = await Promise.all(
    all.map(async ({ host, port }) => {
      // A socket in the file system has no address to be seen by.
      if (host.startsWith('/')) return []
      const found = await lookup(host, { all: true }).catch(() => [])
      return found.map(({ address }) => `${address} ${port}`)
    }),
  )
  return new Set(ends.flat())
}
