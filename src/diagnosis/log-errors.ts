import type { Case, Evidence } from '../core/diagnosis.ts'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import { isOwnSession } from '../core/own-session.ts'
import { findingsOf, type Effect } from './effects.ts'
import { evidenceOf } from './evidence.ts'
import { logOf } from './server-log.ts'

/** Errors in a server's log: the earliest and most exact word of what fails, with the SQLSTATE. */

export type IsSuch = (entry: LogEntryFact) => boolean

/** What has not been written for so long is over. */
const recentMs = 60_000
/** The log is kept for ten minutes: what reaches to its edge may have begun before it. */
const surelyKeptMs = 570_000

const isError = ({ severity }: LogEntryFact): boolean => ['ERROR', 'FATAL', 'PANIC'].includes(severity)

/** Errors of the last minute, oldest first. */
export const errorsOn = (c: Case, node: string, isSuch: IsSuch, withinMs = recentMs): readonly LogEntryFact[] =>
  logOf(c, node).filter((entry) => isError(entry) && entry.lastMs >= c.atMs - withinMs && isSuch(entry))

export const withCode =
  (...codes: readonly string[]): IsSuch =>
  ({ code }) =>
    code !== null && codes.includes(code)

/** Nobody logged them while all was known good. */
export const beganSinceGood = (c: Case, entries: readonly LogEntryFact[]): boolean => {
  const { lastGoodMs } = c
  if (lastGoodMs === null || entries.length === 0) return false
  return entries.every(({ firstMs }) => firstMs > Math.max(lastGoodMs, c.atMs - surelyKeptMs))
}

export const entryEvidence = (entry: LogEntryFact): Evidence =>
  evidenceOf(
    entry.node,
    'server log',
    `the log of ${entry.node} says ${entry.count === 1 ? 'once' : `${entry.count} times`}: ${entry.severity} ${entry.code ?? ''} ${entry.message}`,
    { code: entry.code, count: entry.count, detail: entry.detail, context: entry.context },
  )

/** Clients get these errors: three lines that belong to a session of theirs. Workers of the server have no role, and we are no client. */
export function clientHarm(c: Case, node: string, isSuch: IsSuch): readonly Evidence[] {
  const entries = errorsOn(c, node, (entry) => entry.role !== null && !isOwnSession(entry) && isSuch(entry))
  const count = entries.reduce((sum, entry) => sum + entry.count, 0)
  if (count < 3) return []
  const codes = [...new Set(entries.map(({ code }) => code ?? '?'))].join(', ')
  return [evidenceOf(node, 'server log', `sessions on ${node} got ${count} errors: ${codes}`, { count, codes })]
}

const logChecks = [
  'errors/log-error-rate',
  'errors/new-after-change',
  'errors/panic-or-crash',
  'errors/corruption-signature',
]

/** Findings about the log are explained by what explains at least half of its errors. */
export function logEffects(c: Case, node: string, isSuch: IsSuch): readonly Effect[] {
  const sum = (entries: readonly LogEntryFact[]): number => entries.reduce((all, { count }) => all + count, 0)
  const such = sum(errorsOn(c, node, isSuch))
  const all = sum(errorsOn(c, node, () => true))
  return such > 0 && 2 * such >= all ? logChecks.flatMap((check) => findingsOf(c, check, node)) : []
}
