import { dirname } from 'node:path'
import { AntemortemError } from '../core/error.ts'

/** Primary result codes (sqlite.org/rescode.html) that the user can do something about. */
const sqlite: Readonly<Record<number, readonly [code: string, what: string, hint: (path: string) => string]>> = {
  5: [
    'store-busy',
    'is locked by another process',
    () => 'Look for a process that holds it open: `fuser FILE`; then try again.',
  ],
  8: [
    'store-read-only',
    'cannot be written',
    (path) => `Give this user write access to ${path} and to ${dirname(path)}.`,
  ],
  10: [
    'store-unreadable',
    'could not be read or written (input/output error)',
    () => 'Look at the disk: `dmesg`, `df`; then try again.',
  ],
  11: ['store-broken', 'is damaged', moveAway],
  13: [
    'store-full',
    'could not be written: the disk is full',
    (path) => `Make room on the disk of ${dirname(path)}, then start again: nothing that was acknowledged is lost.`,
  ],
  14: ['store-cannot-open', 'could not be opened', (path) => `Look at the rights of ${path} and ${dirname(path)}.`],
  26: ['store-broken', 'is no store: its content is not a database', moveAway],
}

const system: Readonly<Record<string, readonly [what: string, hint: (path: string) => string]>> = {
  ENOENT: ['its directory does not exist', (path) => `mkdir -p ${dirname(path)}`],
  ENOTDIR: ['a part of its path is a file', () => 'Correct `store:` in the configuration.'],
  EACCES: ['no permission', (path) => `Give this user write access to ${dirname(path)}.`],
  EPERM: ['no permission', (path) => `Give this user write access to ${dirname(path)}.`],
  EROFS: ['the file system is read-only', () => 'Name a file on a writable disk in `store:`.'],
  EISDIR: ['it is a directory', () => 'Name a file in `store:`.'],
  ENOSPC: ['the disk is full', (path) => `Make room on the disk of ${dirname(path)}.`],
}

function moveAway(path: string): string {
  return `Move it away with its -wal and -shm (mv ${path} ${path}.broken), and start again; with a copy, put the copy in its place.`
}

/** What the user can act on, with the path; anything else comes back as it was. */
export function storeError(path: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if ('errcode' in error && typeof error.errcode === 'number') {
    // The low byte is the primary code, the rest says more exactly where.
    const known = sqlite[error.errcode & 0xff]
    if (!known) return error
    const [code, what, hint] = known
    return new AntemortemError(code, `the store ${path} ${what}`, hint(path), { cause: error })
  }
  const known = 'code' in error ? system[String(error.code)] : undefined
  if (!known) return error
  const [what, hint] = known
  return new AntemortemError('store-cannot-open', `the store ${path} cannot be made: ${what}`, hint(path), {
    cause: error,
  })
}

export const isNoFile = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
