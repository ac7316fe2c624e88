import { readSettingsText } from '../../contracts/settings-files.ts'
import { targetsOf, type UsableTarget } from '../../contracts/targets.ts'
import type { CanaryTable, ClusterConfig, ContractConfig } from '../../core/configuration.ts'
import { openSession, type Opened, type Session } from '../../engines/postgres/index.ts'
import { canarySessionName } from '../../engines/postgres/act/canary-row.ts'

/** A contract that names a table as its own. */
export interface OwningContract {
  readonly contract: ContractConfig
  readonly table: CanaryTable
}

export const owningContracts = ({ contracts }: Pick<ClusterConfig, 'contracts'>): readonly OwningContract[] =>
  contracts.flatMap((contract) => (contract.canaryTable ? [{ contract, table: contract.canaryTable }] : []))

/** The contract's connections whose settings can be read, its own node's and those of its reads. */
export const connectionsOf = (cluster: ClusterConfig, contract: ContractConfig): readonly UsableTarget[] =>
  targetsOf(cluster, contract, readSettingsText).flatMap((target) => ('settings' in target ? [target] : []))

/** A new session, as the application opens them: one of its pool would go on under rules that let nobody in. */
export const openOwn = async ({ settings }: UsableTarget, signal: AbortSignal): Promise<Opened> =>
  openSession(settings.address(), {
    applicationName: canarySessionName,
    signal,
    deadlineMs: settings.pool.connectTimeoutMs,
  })

/** The first of these that gets in; or what the last one was told. */
export async function openFirst(
  targets: readonly UsableTarget[],
  signal: AbortSignal,
): Promise<{ readonly session: Session; readonly target: UsableTarget } | { readonly why: string }> {
  let why = 'no settings of the contract lead there'
  for (const target of targets) {
    const opened = await openOwn(target, signal)
    if (opened.ok) return { session: opened.session, target }
    why = opened.failure.message
  }
  return { why }
}
