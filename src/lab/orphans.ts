import { existsSync, readdirSync, readlinkSync } from 'node:fs'

/**
 * Processes whose working directory is a server's data directory. After `kill -9` of a postmaster its children live on for
 * a moment, or for ever where one is stopped; they would write into the files that a reset has just put back.
 */
export function processesIn(dataDir: string): readonly number[] {
  if (!existsSync('/proc/self/cwd')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && workingDirectory(name) === dataDir)
    .map(Number)
}

function workingDirectory(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    // Ended meanwhile, or another user's: none of ours.
    return null
  }
}
