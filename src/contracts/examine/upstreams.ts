import type { ClusterConfig } from '../../core/configuration.ts'
import { isLoopback, type Trying } from '../../engines/postgres/logins/try-replication.ts'
import { walsendersLeft } from '../../engines/postgres/logins/walsenders-left.ts'
import type { Limits } from '../../engines/postgres/index.ts'
import { placeOf } from '../place-of.ts'
import type { NodeReaders } from './node-readers.ts'

type Nodes = Pick<ClusterConfig, 'nodes'>

/** What is known of the place to which a connection string of a node leads. */
export const upstreamOf =
  (cluster: Nodes, node: string, readers: NodeReaders, asking: Limits): Trying['upstream'] =>
  async ({ host, port }) => {
    const to = cluster.nodes.find(({ name }) => {
      const place = placeOf(cluster, name)
      return place?.host === host && place.port === port
    })
    // Another name for a node may be one of a network that we do not see, such as that of its container.
    if (!to) return { isOwnWay: false, walsenders: null }
    const reader = await readers.reach(to.name)
    return { isOwnWay: isHostOf(cluster, node), walsenders: reader && (await walsendersLeft(reader, asking)) }
  }

/** Where we are is where that server is. */
function isHostOf({ nodes }: Nodes, name: string): boolean {
  const node = nodes.find((each) => each.name === name)
  return (node?.host != null && node.host.ssh === null) || isLoopback(placeOf({ nodes }, name)?.host ?? '')
}
