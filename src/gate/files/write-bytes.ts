import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Where a file lies, and how. */
export interface Place {
  readonly place: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Names of it in the file system: with more than one it is written in place. */
  readonly links: number
}

/** How it went, for the journal. */
export interface Written {
  readonly how: 'renamed' | 'in place'
  readonly owner_kept: boolean
  readonly mode_kept: boolean
  readonly [more: string]: string | boolean
}

/** Gives a file these bytes, whole or not at all where its folder lets us, with the owner and the mode that are named. */
export const writeBytes = (file: Place, bytes: Buffer): Written =>
  (file.links > 1 ? null : byRename(file, bytes)) ?? inPlace(file, bytes)

/** Whoever reads meanwhile sees the old file or the new one. null: it is mounted by itself, or its folder is not ours to write. */
function byRename(file: Place, bytes: Buffer): Written | null {
  const draft = join(dirname(file.place), `.${basename(file.place)}.antemortem`)
  try {
    // What a process that died has left of its own; exclusive, so that nobody has laid a link there.
    rmSync(draft, { force: true })
    const opened = openSync(draft, 'wx', 0o600)
    const kept = withFile(opened, () => {
      writeSync(opened, bytes)
      const owner = attempt(() => fchownSync(opened, file.uid, file.gid))
      const mode = attempt(() => fchmodSync(opened, file.mode))
      fsyncSync(opened)
      return { owner_kept: owner, mode_kept: mode }
    })
    if (!kept.owner_kept && existsSync(file.place)) {
      // Its reader may be nobody but its owner.
      rmSync(draft)
      return null
    }
    renameSync(draft, file.place)
    return { how: 'renamed', ...kept }
  } catch (error) {
    attempt(() => rmSync(draft, { force: true }))
    if (error instanceof Error && 'code' in error && ['EBUSY', 'EACCES', 'EPERM', 'EXDEV'].includes(String(error.code)))
      return null
    throw error
  }
}

/** The file keeps its owner, and every other name that it has. */
function inPlace(file: Place, bytes: Buffer): Written {
  const opened = openSync(file.place, 'r+')
  return withFile(opened, () => {
    writeSync(opened, bytes, 0, bytes.length, 0)
    ftruncateSync(opened, bytes.length)
    const mode = attempt(() => fchmodSync(opened, file.mode))
    fsyncSync(opened)
    return { how: 'in place', owner_kept: true, mode_kept: mode }
  })
}

function withFile<T>(opened: number, work: () => T): T {
  try {
    return work()
  } finally {
    closeSync(opened)
  }
}

/** Owner, mode and time are given back where the system lets us. */
export function attempt(change: () => void): boolean {
  try {
    change()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}
