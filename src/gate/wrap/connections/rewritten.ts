import { readFileSync } from 'node:fs'
import type { Change } from '../../../core/change.ts'
import type { ClusterConfig } from '../../../core/configuration.ts'
import { subject } from '../../../core/subject.ts'
import { NodeReaders } from '../../../contracts/examine/node-readers.ts'
import { upstreamOf } from '../../../contracts/examine/upstreams.ts'
import { tryConnection, type TriedLogin } from '../../../engines/postgres/logins/try-replication.ts'
import type { KeptConnection } from './kept-connections.ts'

/** A subscription that has another connection string than before the command. */
export interface RewrittenConnection {
  readonly before: KeptConnection
  readonly after: KeptConnection
  /** What a new login with it meets, where the old one is still let in; null: it gets in as well, or nobody can say. */
  readonly refused: string | null
}

const limits = {
  loginMs: { default: 5_000, unit: 'ms', why: 'one new connection' },
} as const

/** Both strings are tried from here, so that the way from this host is the same for both. */
export async function rewrittenConnections(
  was: readonly KeptConnection[],
  is: readonly KeptConnection[],
  cluster: Pick<ClusterConfig, 'nodes'>,
  signal: AbortSignal,
): Promise<readonly RewrittenConnection[]> {
  const readers = new NodeReaders(cluster, signal)
  const asking = { signal, deadlineMs: limits.loginMs.default }
  try {
    const found: RewrittenConnection[] = []
    for (const before of was) {
      const after = is.find(({ node, subscription }) => node === before.node && subscription === before.subscription)
      if (!after || after.sha256 === before.sha256) continue
      const login = async ({ node, kept }: KeptConnection): Promise<TriedLogin> =>
        tryConnection(readFileSync(kept, 'utf8'), 'logical', {
          ...asking,
          upstream: upstreamOf(cluster, node, readers, asking),
        })
      found.push({ before, after, refused: refusalOf(await login(before), await login(after)) })
    }
    return found
  } finally {
    await readers.close()
  }
}

const refusalOf = (old: TriedLogin, now: TriedLogin): string | null =>
  old.is === 'let-in' && now.is === 'refused' ? now.failure.message : null

/** As a change of the cluster, without a word of either string. Pure. */
export const connectionChange = (
  { before }: RewrittenConnection,
  { beforeMs, afterMs }: { readonly beforeMs: number; readonly afterMs: number },
): Change => ({
  id: `chg-${afterMs}-${before.node}-${before.subscription}`.replaceAll(/[^\w.-]+/g, '-'),
  atMs: afterMs,
  notBeforeMs: beforeMs,
  kind: 'topology',
  object: subject.subscription(before.node, before.subscription),
  // Not even a digest: of so short a text it would be one of the password.
  before: 'its connection string',
  after: 'another connection string',
  source: 'gate',
})
