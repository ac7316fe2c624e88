import type { ClusterConfig } from '../core/configuration.ts'
import type { App } from '../lab/app/app.ts'
import { readKey } from '../lab/app/settings.ts'
import type { Lab } from '../lab/lab.ts'
import type { AuthNames } from '../lab/auth-schema.ts'

/** What a team may not give, and a drill can be judged without. */
export const withholdable = ['log', 'hosts', 'files', 'outcomes'] as const
export type Withheld = (typeof withholdable)[number]

/** The lab as a cluster that somebody configured: the same words as in antemortem.yaml. */
export function clusterOf(
  lab: Lab,
  app: App,
  names: AuthNames,
  reads: readonly string[],
  without: readonly Withheld[] = [],
): ClusterConfig {
  const has = (source: Withheld): boolean => !without.includes(source)
  return {
    name: 'auth',
    engine: 'postgres',
    nodes: lab.nodes.map(({ name, dataDir, logFile }) => ({
      name,
      url: lab.url(name, 'watch'),
      act: lab.url(name, 'admin'),
      host: has('hosts') ? { ssh: null, data: dataDir, log: has('log') ? logFile : null } : null,
    })),
    contracts: [
      {
        name: 'login',
        // Without its settings nobody can connect as the application does; which nodes it reads from is still said.
        settings: has('files') ? app.envFiles.map((file) => ({ file, key: null })) : [],
        node: names.primary,
        readOnly: false,
        reads: reads.map((node) => ({ node, file: null, key: has('files') ? readKey(node) : null })),
        canary: `select id, md5(password_hash) from ${names.usersTable} where id in (1, 500, 900)`,
        withinMs: 1_000,
        staleMs: 5_000,
        outcomes: has('outcomes') ? app.outcomes : null,
      },
    ],
    fence: 'message',
    invariants: [],
  }
}
