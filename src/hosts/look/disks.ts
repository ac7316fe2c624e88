import { realpath, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostFact } from '../../core/facts/cluster.ts'
import { unreadOf, type Unread } from '../reading.ts'

export type Disk = HostFact['disks'][number]

/** The file systems under the data, the WAL (often a symbolic link) and the log. */
export async function readDisks(
  dataDir: string,
  log: string | null,
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
      const real = await realpath(path)
      const { bsize, blocks, bavail } = await statfs(real)
      // What is left for others than root: the server is none.
      disks.push({ what, path: real, totalBytes: blocks * bsize, freeBytes: bavail * bsize })
    } catch (error) {
      unread.push(unreadOf(error, path, `look whether ${path} is mounted`))
    }
  return { disks, unread }
}
