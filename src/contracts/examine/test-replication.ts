import { hostname } from 'node:os'
import type { ClusterConfig } from '../../core/configuration.ts'
import { readReplicationLogins } from '../../engines/postgres/logins/replication-logins.ts'
import { tryReplicationLogins } from '../../engines/postgres/logins/try-replication.ts'
import { NodeReaders } from './node-readers.ts'
import { replicationResults, type ReplicationResult, type SeenNode } from './replication.ts'
import { upstreamOf } from './upstreams.ts'

const limits = {
  askMs: { default: 3_000, unit: 'ms', why: 'some rows of the catalog, or one new connection' },
} as const

type Nodes = Pick<ClusterConfig, 'nodes'>

/**
 * The logins of replication of a cluster's nodes: seen by its reading role, and tried from this host where a role of ours may read
 * the connection string. Only what the reading role may not read is asked of the acting role, where there is one; it reads.
 */
export async function testReplication(cluster: Nodes, signal: AbortSignal): Promise<readonly ReplicationResult[]> {
  const readers = new NodeReaders(cluster, signal)
  const actors = new NodeReaders({ nodes: cluster.nodes.flatMap((node) => asActor(node)) }, signal)
  const asking = { signal, deadlineMs: limits.askMs.default }
  try {
    const nodes = await Promise.all(
      cluster.nodes.map(async ({ name: node }) => {
        const reader = await readers.reach(node)
        return { node, reader, logins: reader && (await readReplicationLogins(reader, asking)) }
      }),
    )
    const seen: SeenNode[] = []
    // One login after the other: all of them may lead to one server.
    for (const { node, reader, logins } of nodes) {
      const trying = { ...asking, upstream: upstreamOf(cluster, node, readers, asking) }
      const own = reader && (await tryReplicationLogins(reader, trying))
      const isLeft = own?.subscriptions === null && logins?.subscriptions.some(({ enabled }) => enabled) === true
      const actor = isLeft ? await actors.reach(node) : null
      const acting = actor && (await tryReplicationLogins(actor, trying))
      seen.push({
        node,
        logins,
        tried: own && { ...own, subscriptions: own.subscriptions ?? acting?.subscriptions ?? null },
      })
    }
    return replicationResults(seen, hostname())
  } finally {
    await Promise.all([readers.close(), actors.close()])
  }
}

const asActor = (node: Nodes['nodes'][number]): Nodes['nodes'] =>
  node.act === null ? [] : [{ ...node, url: node.act }]
