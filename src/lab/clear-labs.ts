import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from './alive.ts'
import { Lab } from './lab.ts'
import { hasLabState, readLabState } from './lab-state.ts'

const graceMs = 60_000

/**
 * Takes away labs whose command and keeper have both gone, as after a reboot. A keeper at work has seconds to do; a
 * directory of less than a minute is left to it.
 */
export async function clearLabs(temporary: string, nowMs: number = Date.now()): Promise<void> {
  for (const name of readdirSync(temporary)) {
    const dir = join(temporary, name)
    if (!name.startsWith('antemortem-lab-') || !isOurs(dir) || nowMs - lstatSync(dir).mtimeMs < graceMs) continue
    if (!hasLabState(dir)) continue
    const state = readLabState(dir)
    // It may have been copied from another machine: only what says that it lies here is taken.
    if (state.dir === dir && !state.detached && !isAlive(state.pid)) await new Lab(state, null).close()
  }
}

function isOurs(dir: string): boolean {
  const stat = lstatSync(dir, { throwIfNoEntry: false })
  return stat !== undefined && stat.isDirectory() && stat.uid === process.getuid?.()
}
