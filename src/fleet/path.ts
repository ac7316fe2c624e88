import type { PathFact } from '../core/facts/cluster.ts'
import type { Sample } from '../core/snapshot.ts'
import type { NodeLink } from '../engines/postgres/index.ts'

/** The watcher's own way to a node: the round trip on the kept connection, or how the last attempt to connect went. */
export function pathOf(
  link: Pick<NodeLink, 'name' | 'from' | 'lastAttempt'>,
  fast: Sample | null,
  silentSinceMs: number | null,
  atMs: number,
): PathFact {
  const base = { from: link.from, node: link.name }
  if (silentSinceMs !== null) {
    const ms = Math.max(0, atMs - silentSinceMs)
    return { ...base, atMs, ok: false, reached: false, ms, detail: `no answer for ${Math.round(ms)} ms` }
  }
  const { server } = fast?.facts ?? {}
  const attempt = link.lastAttempt
  // A new connection is the better measure: it goes through every layer.
  if (attempt && (!fast || attempt.atMs >= fast.atMs - fast.tookMs || server?.seen !== true))
    return {
      ...base,
      atMs: attempt.atMs,
      ok: attempt.ok && server?.seen !== false,
      reached: attempt.reached,
      ms: attempt.ms,
      detail: attempt.detail ?? detailOf(server),
    }
  return {
    ...base,
    atMs: fast?.atMs ?? atMs,
    ok: server?.seen === true,
    reached: server?.seen === true || server?.why === 'no-privilege',
    ms: fast?.tookMs ?? 0,
    detail: detailOf(server),
  }
}

const detailOf = (server: Sample['facts']['server']): string | null => (server?.seen === false ? server.detail : null)
