import { readFileSync } from 'node:fs'
import { targetsOf } from '../../contracts/targets.ts'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Login } from '../../gate/review/input.ts'

const loopback = new Set(['localhost', '127.0.0.1', '::1'])

/** The logins of a cluster's contracts, from their settings files; without their passwords. One that cannot be read is left out. */
export const contractLogins = (cluster: ClusterConfig): readonly Login[] =>
  cluster.contracts.flatMap((contract) =>
    targetsOf(cluster, contract, (file) => readFileSync(file, 'utf8')).flatMap((target): readonly Login[] => {
      if (!('settings' in target)) return []
      const { user, database, host, sslMode } = target.settings
      const tls =
        sslMode === 'disable' ? false : ['require', 'verify-ca', 'verify-full'].includes(sslMode) ? true : null
      return [
        {
          who: `contract ${contract.name} (${target.instance})`,
          role: user,
          database,
          // From where the server sees it is known only on the same host.
          address: host.startsWith('/') ? 'local' : loopback.has(host) ? '127.0.0.1' : null,
          tls,
          node: target.node,
        },
      ]
    }),
  )
