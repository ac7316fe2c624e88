import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { AntemortemError } from '../../../core/error.ts'

/** A settings file as it was at one moment: every byte, and how it lay there. */
export interface CapturedFile {
  readonly file: string
  /** Where it really lies: the same, unless a link leads there. */
  readonly place: string
  readonly bytes: Buffer
  readonly sha256: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly modifiedMs: number
  /** Names of it in the file system: more than one, and it must be written in place. */
  readonly links: number
}

/** More than any settings file: what is larger is something else. */
const mostBytes = 1_048_576

/** null: there is no such file, or none that we may read. */
export function captureFile(file: string): CapturedFile | null {
  try {
    const place = realpathSync(file)
    const stat = statSync(place)
    if (!stat.isFile() || stat.size > mostBytes)
      throw new AntemortemError(
        'settings-unreadable',
        `${file} is no settings file (${stat.isFile() ? `${stat.size} bytes` : 'no file'})`,
        'Name the file from which the application reads its settings.',
        { exit: 2 },
      )
    const bytes = readFileSync(place)
    const { mode, uid, gid, mtimeMs, nlink } = stat
    return {
      file,
      place,
      bytes,
      sha256: digestOf(bytes),
      mode: mode & 0o7777,
      uid,
      gid,
      modifiedMs: mtimeMs,
      links: nlink,
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(?:ENOENT|ENOTDIR|EACCES|EPERM)$/.test(String(error.code)))
      return null
    throw error
  }
}

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Digest of what lies there now; `absent` where nothing does, `link` where a link stands instead of a file. */
export function stateOf(place: string): string {
  try {
    const stat = lstatSync(place)
    if (stat.isSymbolicLink()) return 'link'
    return stat.isFile() ? digestOf(readFileSync(place)) : 'no file'
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return 'absent'
    throw error
  }
}
