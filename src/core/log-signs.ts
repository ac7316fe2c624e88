import type { LogEntryFact } from './facts/cluster.ts'

/** What `message` says where the log's format has no SQLSTATE. With one, an application's own words are not mistaken for the server's. */
const damage =
  /^(?:invalid page in block|could not read blocks? |page verification failed|missing chunk number|unexpected (?:zero page|chunk number|chunk size)|unexpectedly found zero page|could not open file "(?:base|global|pg_tblspc)\/|index "[^"]+" (?:contains unexpected zero page|contains corrupted page|is not a btree))/i

/** Damaged data or index (XX001, XX002), or a file of a relation that is gone (58P01): nothing else of class XX means damage. */
export const isDamage = ({ code, message }: LogEntryFact): boolean =>
  code === 'XX001' || code === 'XX002' || ((code === null || code === '58P01') && damage.test(message))

/** `base/16384/24576` of a message about a block or a file; null where it names none. */
export const relationFileOf = ({ message }: LogEntryFact): string | null =>
  /\b((?:base|global|pg_tblspc)\/[\w/.]*\w)/.exec(message)?.[1] ?? null

/** The archiver and the logger may die without taking the others with them. */
const processDied = /^(?!archiver|logger|WAL archiver).*\bprocess \(PID [^)]*\) was terminated by (?:signal|exception)/i
const crash = /^(?:terminating any other active server processes|all server processes terminated; reinitializing)/

export type CrashSign = 'panic' | 'crash' | 'unclean'

/** A panic, a process that died and took all sessions with it, or the start after a server that did not end in good order. */
export function crashSign({ severity, message }: LogEntryFact): CrashSign | null {
  if (severity === 'PANIC') return 'panic'
  if (severity !== 'LOG' && severity !== 'WARNING') return null
  if (processDied.test(message) || crash.test(message)) return 'crash'
  return message.startsWith('database system was not properly shut down') ? 'unclean' : null
}
