import { readStill } from '../../contracts/settings-files.ts'
import { targetsOf } from '../../contracts/targets.ts'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Login } from '../../gate/review/input.ts'

const loopback = new Set(['localhost', '127.0.0.1', '::1'])

export interface ContractLogins {
  readonly logins: readonly Login[]
  /** Contracts whose settings could not be read, and why. */
  readonly unread: readonly string[]
}

/** The logins of a cluster's contracts, from their settings files; without their passwords. */
export function contractLogins(cluster: ClusterConfig): ContractLogins {
  const targets = cluster.contracts.flatMap((contract) => targetsOf(cluster, contract, (file) => readStill(file).text))
  const logins: Login[] = []
  const unread: string[] = []
  for (const target of targets) {
    const who = `contract ${target.contract} (${target.instance})`
    if (!('settings' in target)) {
      unread.push(`the login of ${who}: ${target.problem.message}`)
      continue
    }
    const { user, host, sslMode, source } = target.settings
    const database = source.isReplication ? 'replication' : target.settings.database
    const tls = sslMode === 'disable' ? false : ['require', 'verify-ca', 'verify-full'].includes(sslMode) ? true : null
    // From where the server sees it is known only on the same host.
    const address = host.startsWith('/') ? 'local' : loopback.has(host) ? '127.0.0.1' : null
    logins.push({ who, role: user, database, address, tls, node: target.node })
  }
  return { logins, unread }
}
