import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import { lookAtCanaryTable } from '../../engines/postgres/act/canary-table.ts'
import { connectionsOf, openFirst, owningContracts } from './own-connections.ts'
import { misfitOf } from './table-fits.ts'

/**
 * Before anything is begun: every table that a contract names as its own is one, and its role may write there. By reading
 * alone; of a contract that does not get in its own test tells.
 */
export async function assertCanaryTables(cluster: ClusterConfig, signal: AbortSignal): Promise<void> {
  for (const { contract, table } of owningContracts(cluster)) {
    const { name, node } = contract
    const opened = await openFirst(
      connectionsOf(cluster, contract).filter((target) => target.node === node),
      signal,
    )
    if ('why' in opened) continue
    try {
      const seen = await lookAtCanaryTable(opened.session, table, signal)
      const misfit = seen && misfitOf(seen, table, node)
      if (misfit)
        throw new AntemortemError(
          'canary-table',
          `clusters.${cluster.name}.contracts.${name}.canary_table: ${misfit.why}`,
          misfit.remedy,
          { exit: 2 },
        )
    } finally {
      await opened.session.close()
    }
  }
}
