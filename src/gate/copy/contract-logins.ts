import type { ClusterConfig, ContractConfig } from '../../core/configuration.ts'
import { readSettingsText } from '../../contracts/settings-files.ts'
import type { UsableTarget } from '../../contracts/targets.ts'
import { targetsOf } from '../../contracts/targets.ts'
import type { RealCluster } from './read-cluster.ts'

/** A connection of a contract that the copy can try. */
export interface ContractLogin {
  readonly target: UsableTarget
  readonly contract: ContractConfig
}

export interface ContractLogins {
  readonly logins: readonly ContractLogin[]
  /** Connections that the copy cannot have, and why. */
  readonly notRehearsed: readonly string[]
}

/** Every connection of every contract whose node, database and role are in the copy. Reads the applications' settings files. */
export function contractLogins(cluster: ClusterConfig, real: RealCluster): ContractLogins {
  const logins: ContractLogin[] = []
  const notes = new Set<string>()
  for (const contract of cluster.contracts)
    for (const target of targetsOf(cluster, contract, readSettingsText)) {
      const who = `contract ${contract.name} (${target.instance})`
      const why = 'settings' in target ? notInCopy(target, real) : target.problem.message
      if (why !== null) notes.add(`${who}: ${why}`)
      else if ('settings' in target) logins.push({ target, contract })
    }
  const passwords = 'passwords, TLS and network addresses of the contracts: the copy has its own'
  return { logins, notRehearsed: [...notes, ...(logins.length > 0 ? [passwords] : [])] }
}

function notInCopy({ node, settings: { user, database, source } }: UsableTarget, real: RealCluster): string | null {
  // A standby has its primary's roles.
  const ddl = real.ddl.get(node) ?? real.ddl.get(real.primary)
  const view = real.nodes.find(({ name }) => name === node)
  if (!view || (node !== real.primary && view.upstream !== real.primary)) return `node ${node} is not copied`
  if (!source.isReplication && database !== ddl?.database)
    return `it uses database ${database}, the copy has ${ddl?.database ?? 'none'}`
  const role = ddl?.roles.find(({ name }) => name === user)
  return role === undefined ? `${node} has no role ${user}` : null
}
