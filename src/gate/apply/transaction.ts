import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../../core/error.ts'
import { outcomeOf, type OwnTransaction } from '../../engines/postgres/act/change-outcome.ts'
import { changeRefused, openChangeSession } from '../../engines/postgres/act/change-session.ts'
import { attemptTransaction, type TimedStatement } from '../../engines/postgres/act/change-transaction.ts'
import type { Session } from '../../engines/postgres/index.ts'
import type { Output } from '../../plans/doer.ts'

/** A transaction of the change on one node, and where its number is kept while it runs. */
export interface Carrying {
  readonly node: string
  readonly url: string
  /** `set …`, before it begins. */
  readonly settings: readonly string[]
  readonly statements: readonly TimedStatement[]
  readonly budgetMs: number
  readonly longMs: number
  readonly signal: AbortSignal
  /** On the disk before the first statement, and again before the commit. */
  readonly keep: (own: OwnAttempt) => Promise<void>
}

/** What is kept of an attempt: enough to see later what became of it, and to take it back. */
export interface OwnAttempt extends OwnTransaction {
  /** Rows that each statement wrote; empty until they have. */
  readonly counts: readonly (number | null)[]
  /** Statements that make go what the server named. */
  readonly made: readonly string[]
}

const limits = {
  attempts: { default: 20, unit: 'attempts', why: 'with their pauses about a minute: then the table is too busy' },
  firstPauseMs: { default: 250, unit: 'ms', why: 'writers that queued behind the attempt get through meanwhile' },
  longestPauseMs: { default: 4_000, unit: 'ms', why: 'four times the usual budget' },
  settingMs: { default: 2_000, unit: 'ms', why: 'it touches no table' },
} as const

/** Attempt by attempt, each within the lock budget, with pauses that grow. Throws when it was not done, or nobody knows. */
export async function carryTransaction(carrying: Carrying): Promise<Output> {
  const { signal } = carrying
  let pauseMs: number = limits.firstPauseMs.default
  for (let attempt = 1; ; attempt += 1) {
    const tried = await tryOnce(carrying)
    if ('output' in tried) return { attempts: attempt, ...tried.output }
    if (attempt >= limits.attempts.default) throw tooBusy(carrying, attempt, tried.waited)
    await sleep(pauseMs, undefined, { signal })
    pauseMs = Math.min(pauseMs * 1.5, limits.longestPauseMs.default)
  }
}

type Tried = { readonly output: Output } | { readonly waited: string }

async function tryOnce(carrying: Carrying): Promise<Tried> {
  const { node, url, settings, statements, budgetMs, longMs, signal, keep } = carrying
  const session = await openChangeSession(node, url, signal)
  let own: OwnAttempt | null = null
  try {
    await setAll(session, node, settings, signal)
    const attempt = await attemptTransaction(session, statements, {
      budgetMs,
      longMs,
      signal,
      async begun(xid) {
        own = { node, xid, pid: session.pid, counts: [], made: [] }
        await keep(own)
      },
      async ready(counts, made) {
        if (own) await keep({ ...own, counts, made })
      },
    })
    switch (attempt.outcome) {
      case 'committed':
        return { output: {} }
      case 'waited':
        return { waited: attempt.message }
      case 'too-long':
        throw tooLong(carrying, attempt.at, attempt.message)
      case 'refused':
        throw refused(carrying, attempt)
      default:
        return { output: await lookedUp(own, carrying, attempt.message) }
    }
  } finally {
    await session.close()
  }
}

export async function setAll(
  session: Session,
  node: string,
  settings: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const text of settings) {
    const answer = await session.run({ text }, { signal, deadlineMs: limits.settingMs.default })
    if (!answer.ok) throw changeRefused(node, answer.failure)
  }
}

/** The answer to the commit never came: the server knows by the number of the transaction. */
async function lookedUp(own: OwnAttempt | null, { node, url, signal }: Carrying, message: string): Promise<Output> {
  const outcome = own && (await outcomeOf(own, url, signal))
  if (outcome?.status === 'committed') return { looked_up: true, unconfirmed_by_standby: outcome.waitedForStandby }
  if (outcome?.status === 'aborted')
    throw failed('change-refused', `${node}: the transaction was not committed: ${message}`, 'Go on, or take it back.')
  throw failed(
    'outcome-unknown',
    `${node}: the commit was sent, its answer never came, and nobody can see what became of it: ${message}`,
    'Look at the catalog of the node.',
  )
}

const failed = (code: string, message: string, hint: string): AntemortemError =>
  new AntemortemError(code, message, hint, { exit: 4 })

const shownAt = ({ statements }: Carrying, at: number): string =>
  (statements[at]?.sql ?? '').replaceAll(/\s+/g, ' ').slice(0, 120)

const tooBusy = ({ node, budgetMs }: Carrying, attempts: number, why: string): AntemortemError =>
  failed(
    'lock-not-available',
    `${node}: in ${attempts} attempts a lock was not to be had within half of ${budgetMs} ms: ${why}`,
    'Look in pg_stat_activity for the oldest transaction; end it, or try at another hour, or give a larger --lock-budget.',
  )

const tooLong = (carrying: Carrying, at: number, why: string): AntemortemError =>
  failed(
    'budget-exceeded',
    `${carrying.node}: "${shownAt(carrying, at)}" would lock others out for longer than ${carrying.budgetMs} ms: ${why}`,
    'Write it so that it locks less (concurrently, not valid and validate, in batches), or give a larger --lock-budget.',
  )

const refused = (
  carrying: Carrying,
  { at, code, message }: { at: number; code: string | null; message: string },
): AntemortemError =>
  failed(
    'change-refused',
    `"${shownAt(carrying, at)}": ${message}${code === null ? '' : ` (${code})`}`,
    code === '42501'
      ? `Give the acting role of ${carrying.node} what it lacks: it must own what it alters.`
      : 'Nothing of this transaction was kept.',
  )
