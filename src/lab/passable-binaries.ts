import { createHash } from 'node:crypto'
import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, chmodSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { cacheDirectory } from './cache.ts'
import { closedDirectory, serverOwner } from './owner.ts'

/**
 * The binaries' folder, or a copy of it that the servers' owner can read: `npm ci` under /root leaves them behind a
 * directory that `nobody` cannot pass.
 */
export function passableBinaries(bin: string, version: string): string {
  if (closedDirectory(join(bin, 'postgres'), serverOwner()) === null) return bin
  const root = dirname(bin)
  const made = lstatSync(join(bin, 'postgres')).mtimeMs
  const key = createHash('sha256').update(`${root} ${version} ${made}`).digest('hex').slice(0, 16)
  const cache = cacheDirectory()
  const copy = join(cache, `binaries-${key}`)
  if (!existsSync(copy)) {
    const half = mkdtempSync(join(cache, 'binaries-half-'))
    cpSync(root, half, { recursive: true, verbatimSymlinks: true })
    open(half)
    moveInto(half, copy)
  }
  return join(copy, basename(bin))
}

function open(path: string): void {
  const stat = lstatSync(path)
  if (stat.isSymbolicLink()) return
  chmodSync(path, (stat.mode & 0o700) | ((stat.mode & 0o500) >> 3) | ((stat.mode & 0o500) >> 6))
  if (stat.isDirectory()) for (const entry of readdirSync(path)) open(join(path, entry))
}

/** The first of two processes wins; the second throws its own copy away. */
function moveInto(half: string, whole: string): void {
  try {
    renameSync(half, whole)
  } catch (error) {
    rmSync(half, { recursive: true, force: true })
    if (!existsSync(whole)) throw error
  }
}
