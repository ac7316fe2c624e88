import type { ClusterConfig } from '../../core/configuration.ts'
import type { ConnectionSettings } from '../connection-settings.ts'
import { targetsOf, type ReadText } from '../targets.ts'
import type { Demand } from './sessions.ts'

/** The pools of all contracts whose settings go to this address: what they may hold at once, they share. */
export function demandsAt(
  { nodes, contracts, ...cluster }: ClusterConfig,
  { host, port }: Pick<ConnectionSettings, 'host' | 'port'>,
  readText: ReadText,
): readonly Demand[] {
  return contracts.flatMap((contract) =>
    targetsOf({ ...cluster, nodes, contracts }, contract, readText).flatMap((target): Demand[] => {
      // One whose settings cannot be read is a result of its own.
      if (!('settings' in target) || target.settings.host !== host || target.settings.port !== port) return []
      // A walsender has a place of its own.
      if (target.settings.source.isReplication) return []
      const { user, database, pool } = target.settings
      return [{ contract: contract.name, instance: target.instance, user, database, poolMax: pool.poolMax }]
    }),
  )
}
