import type { ClusterConfig } from '../../core/configuration.ts'
import { availableExtensions } from '../../engines/postgres/ddl/available-extensions.ts'
import { openNode } from '../../engines/postgres/index.ts'
import type { ChangeStatement } from '../change/read-change.ts'

const limits = { connectMs: { default: 3000, unit: 'ms', why: 'it has just answered' } } as const

/** What each real node could create, where the change creates an extension: a copy on this host cannot tell. */
export async function realExtensions(
  cluster: ClusterConfig,
  statements: readonly ChangeStatement[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string> | null>> {
  if (!statements.some(({ kind }) => kind === 'CreateExtensionStmt')) return new Map()
  const asked = { signal, deadlineMs: limits.connectMs.default }
  const found = await Promise.all(
    cluster.nodes.map(async ({ name, url }) => {
      const link = await openNode({ name, url, ...asked })
      try {
        const reached = await link.reach(signal)
        return [name, reached.ok ? await availableExtensions(reached.reader, asked) : null] as const
      } finally {
        await link.close()
      }
    }),
  )
  return new Map(found)
}
