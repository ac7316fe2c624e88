import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { assertPassable, assertPrivate } from './owner.ts'

/**
 * Templates and copied binaries: built once a machine. Root's own cache must be passable for the servers' owner, which
 * its home is not, so it lies in /var/tmp.
 */
export function cacheDirectory(): string {
  const xdg = process.env['XDG_CACHE_HOME']
  const directory =
    process.env['ANTEMORTEM_CACHE'] ??
    (process.getuid?.() === 0
      ? '/var/tmp/antemortem-cache-0'
      : join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'antemortem'))
  // 0711: the servers' owner passes through to directories of its own, and lists nothing.
  mkdirSync(directory, { recursive: true, mode: 0o711 })
  assertPrivate(directory)
  assertPassable(directory)
  return directory
}
