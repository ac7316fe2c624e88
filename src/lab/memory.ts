import { existsSync, statfsSync } from 'node:fs'
import { freemem } from 'node:os'

/** A file system in memory, where there is one. */
export const memoryDirectory = '/dev/shm'

/** Is there so much room in it, and so much memory that is free? What lies in memory must not make the machine swap. */
export function hasMemoryRoom({
  freeBytes,
  memoryBytes,
}: Readonly<Record<'freeBytes' | 'memoryBytes', number>>): boolean {
  if (!existsSync(memoryDirectory) || freemem() < memoryBytes) return false
  const { bavail, bsize } = statfsSync(memoryDirectory)
  return bavail * bsize >= freeBytes
}
