import type { ClusterConfig } from '../core/configuration.ts'
import type { App } from '../lab/app/app.ts'
import { readKey } from '../lab/app/settings.ts'
import type { Lab } from '../lab/lab.ts'
import type { AuthNames } from '../lab/auth-schema.ts'

/** The lab as a cluster that somebody configured: the same words as in antemortem.yaml. */
export function clusterOf(lab: Lab, app: App, names: AuthNames, reads: readonly string[]): ClusterConfig {
  return {
    name: 'auth',
    engine: 'postgres',
    nodes: lab.nodes.map(({ name, dataDir, logFile }) => ({
      name,
      url: lab.url(name, 'watch'),
      act: lab.url(name, 'admin'),
      host: { ssh: null, data: dataDir, log: logFile },
    })),
    contracts: [
      {
        name: 'login',
        settings: app.envFiles.map((file) => ({ file, key: null })),
        node: names.primary,
        readOnly: false,
        reads: reads.map((node) => ({ node, file: null, key: readKey(node) })),
        canary: `select id, md5(password_hash) from ${names.usersTable} where id in (1, 500, 900)`,
        withinMs: 1_000,
        staleMs: 5_000,
        outcomes: app.outcomes,
      },
    ],
    fence: 'message',
    invariants: [],
  }
}
