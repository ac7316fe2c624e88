import { realpath, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostFact } from '../../core/facts/cluster.ts'
import { unreadOf, type Unread } from '../reading.ts'

export type Disk = HostFact['disks'][number]

/** A link is moved while the server stands still; where it leads is only told. What is free is asked of the path itself. */
const realForMs = 10_000

/** Where the paths lead, kept for a while. */
export type RealPaths = Map<string, { readonly path: string; readonly atMs: number }>

/** The file systems under the data, the WAL (often a symbolic link) and the log. */
export async function readDisks(
  dataDir: string,
  log: string | null,
  known: RealPaths = new Map(),
): Promise<{ readonly disks: readonly Disk[]; readonly unread: readonly Unread[] }> {
  const disks: Disk[] = []
  const unread: Unread[] = []
  const places: readonly (readonly [Disk['what'], string])[] = [
    ['data', dataDir],
    ['wal', join(dataDir, 'pg_wal')],
    ...(log === null ? [] : [['log', log] as const]),
  ]
  for (const [what, path] of places)
    try {
      const { bsize, blocks, bavail } = await statfs(path)
      const real = await realOf(path, known)
      // What is left for others than root: the server is none.
      disks.push({ what, path: real, totalBytes: blocks * bsize, freeBytes: bavail * bsize })
    } catch (error) {
      unread.push(unreadOf(error, path, `look whether ${path} is mounted`))
    }
  return { disks, unread }
}

async function realOf(path: string, known: RealPaths): Promise<string> {
  const nowMs = performance.now()
  const before = known.get(path)
  if (before && nowMs - before.atMs < realForMs) return before.path
  const real = await realpath(path)
  known.set(path, { path: real, atMs: nowMs })
  return real
}
