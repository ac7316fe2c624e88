import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Gate } from '../../drills/gate-doors.ts'
import { rehearse } from '../../gate/rehearse.ts'
import { review } from '../../gate/review/review.ts'
import { readSubstitutions } from '../../gate/wrap/rehearsal/substitutions.ts'
import { wrap } from '../../gate/wrap/wrap.ts'
import { openStore } from '../../store/open.ts'
import { contractLogins } from './contract-logins.ts'
import { lookAll } from './look-all.ts'

export interface DrillGateDeps {
  readonly cluster: ClusterConfig
  /** Where what it keeps lies: the lab's. */
  readonly dir: string
  readonly signal: AbortSignal
  readonly progress: (words: string) => void
}

/** As far as anything that a drill does not wait for. */
const limits = {
  commandMs: { default: 30_000, unit: 'ms', why: 'a drill runs commands of a moment' },
} as const

/** The gate of a drill: what `gate review`, `gate rehearse` and `gate --` do, on a lab. */
export function gateForDrills({ cluster, dir, signal, progress }: DrillGateDeps): Gate {
  const serving = new Set(cluster.contracts.flatMap(({ reads }) => reads.map(({ node }) => node)))
  const common = { cluster, signal, progress, failOn: 'error' } as const
  return {
    review: async (files) =>
      review({
        ...common,
        ...contractLogins(cluster),
        files: files.map((file) => ({ ...file, before: null })),
        today: new Date().toISOString().slice(0, 10),
      }),
    rehearse: async (files) => rehearse({ ...common, files, serving }),
    async wrap({ words, cwd, env, variable, node }) {
      const nodes = cluster.nodes.map(({ name }) => name)
      const store = await openStore(`sqlite:${join(dir, 'gate.db')}`, { clock: Date.now })
      try {
        return await wrap({
          ...common,
          id: `gate-${randomUUID().slice(0, 8)}`,
          command: {
            words,
            cwd,
            env: { ...process.env, ...env },
            output: 'stderr',
            timeoutMs: limits.commandMs.default,
          },
          allowed: [],
          substitutions: variable === null ? [] : readSubstitutions([`${variable}=${node}`], nodes),
          serving,
          mayRestore: true,
          directory: join(dir, 'gate.files'),
          store,
          look: async (asked) => lookAll(cluster, { thresholds: {}, mutes: [] }, asked),
        })
      } finally {
        await store.close()
      }
    },
  }
}
