import type { ClusterConfig } from '../../core/configuration.ts'
import { readReplicationLogins } from '../../engines/postgres/logins/replication-logins.ts'
import { NodeReaders } from './node-readers.ts'
import { replicationResults, type ReplicationResult } from './replication.ts'

const limits = {
  askMs: { default: 3_000, unit: 'ms', why: 'some rows of the catalog' },
} as const

/** The logins of replication of a cluster's nodes, by its reading role. */
export async function testReplication(
  cluster: Pick<ClusterConfig, 'nodes'>,
  signal: AbortSignal,
): Promise<readonly ReplicationResult[]> {
  const readers = new NodeReaders(cluster, signal)
  try {
    const nodes = await Promise.all(
      cluster.nodes.map(async ({ name: node }) => {
        const reader = await readers.reach(node)
        const asking = { signal, deadlineMs: limits.askMs.default }
        return { node, logins: reader && (await readReplicationLogins(reader, asking)) }
      }),
    )
    return replicationResults(nodes)
  } finally {
    await readers.close()
  }
}
