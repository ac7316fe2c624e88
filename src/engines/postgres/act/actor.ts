import { AntemortemError } from '../../../core/error.ts'
import { addressText, readAddress } from '../address.ts'
import type { LinkFailure } from '../failure.ts'
import { isPooled, poolerFailure } from '../pooler.ts'
import { resolveUrl } from '../resolve.ts'
import { literal } from '../rows/sql.ts'
import { openSession, type Answer, type Limits, type Session, type Statement } from '../session.ts'

const limits = {
  connectMs: {
    default: 5_000,
    unit: 'ms',
    why: 'whoever acts may wait a moment for a busy server, not for a dead one',
  },
  lockMs: { default: 2_000, unit: 'ms', why: 'everybody else queues behind a statement that waits for its lock' },
  idleMs: {
    default: 10_000,
    unit: 'ms',
    why: 'the session of a host that died is ended before the next attempt gives up waiting for it',
  },
  marginMs: { default: 1_000, unit: 'ms', why: 'the server ends a statement before the step that sent it is given up' },
  answerMs: { default: 500, unit: 'ms', why: 'the way of the answer, after the server has ended a statement' },
} as const

/** Nothing of the role's or the server's own settings decides how a plan acts. A policy would hide rows silently. */
const settings = [
  ['lock_timeout', `${limits.lockMs.default}`],
  ['statement_timeout', `${limits.connectMs.default}`],
  ['idle_in_transaction_session_timeout', `${limits.idleMs.default}`],
  ['idle_session_timeout', `${limits.idleMs.default}`],
  ['search_path', 'pg_catalog'],
  ['row_security', 'off'],
  ['default_transaction_read_only', 'off'],
  ['default_transaction_isolation', 'read\\ committed'],
] as const

/** A session of the acting role; made for one step of a plan, and closed with it. */
export interface Actor {
  /** The rows; what the server refuses is an error that says where. */
  run(statement: Statement): Promise<readonly unknown[]>
  /** Rows into a table, by one `copy … from stdin`. */
  copyIn(text: string, data: readonly Buffer[]): Promise<void>
}

export interface ActorOptions {
  readonly signal: AbortSignal
  /** Of the step; the server gets less, so that nothing takes effect after the step was given up. */
  readonly deadlineMs: number
  /** What is acted on: one session at a time on a server, so that no earlier attempt is still at work when it is looked at. */
  readonly about: string
}

/** Opens a session of the acting role on a node, hands it over, closes it. Only doers of plans call this. */
export async function withActor<T>(
  node: string,
  url: string,
  { signal, deadlineMs, about }: ActorOptions,
  work: (actor: Actor) => Promise<T>,
): Promise<T> {
  const untilMs = performance.now() + deadlineMs - limits.marginMs.default
  const address = readAddress(resolveUrl(url, node))
  const opened = await openSession(address, {
    applicationName: 'antemortem-act',
    signal,
    deadlineMs: limits.connectMs.default,
    options: settings.map(([name, value]) => `-c ${name}=${value}`).join(' '),
  })
  if (!opened.ok) throw refused(node, opened.failure)
  const { session } = opened
  const leftMs = (): number => Math.floor(untilMs - performance.now())
  const run = async (statement: Statement): Promise<readonly unknown[]> => {
    const answer = await within(session, leftMs(), signal, async (bounds) => session.run(statement, bounds))
    if (!answer.ok) throw refused(node, answer.failure)
    return answer.rows
  }
  const copyIn = async (text: string, data: readonly Buffer[]): Promise<void> => {
    const answer = await within(session, leftMs(), signal, async (bounds) => session.copy(text, data, bounds))
    if (!answer.ok) throw refused(node, answer.failure)
  }
  try {
    // Its timeouts and its lock would stay with whoever has the server's session next.
    if (await isPooled(session, { signal, deadlineMs: limits.connectMs.default }))
      throw refused(node, poolerFailure(addressText(address)))
    await run({ text: alone(about) }).catch((error: unknown) => {
      throw error instanceof AntemortemError && error.code === 'act-timed-out' ? stillAtWork(node, about) : error
    })
    return await work({ run, copyIn })
  } finally {
    await session.close()
  }
}

/**
 * Held until the session ends. A process that was killed, or gave up, leaves its statement running on the server; whoever
 * looks at the effect before that one has ended would see what is not so a moment later.
 */
const alone = (about: string): string =>
  `set lock_timeout = 0;
  select pg_advisory_lock(hashtextextended(${literal(`antemortem ${about}`)}, 0));
  set lock_timeout = ${limits.lockMs.default}`

/** The server's timeout is what is left of the step, set anew for each statement; ours comes after it. */
async function within<T>(
  session: Session,
  leftMs: number,
  signal: AbortSignal,
  ask: (bounds: Limits) => Promise<T>,
): Promise<T | Extract<Answer, { ok: false }>> {
  const bounds = { signal, deadlineMs: Math.max(0, leftMs) + limits.answerMs.default }
  // 0 would mean for ever.
  const set = await session.run({ text: `set statement_timeout = ${Math.max(1, leftMs)}` }, bounds)
  // In a transaction that has failed nothing can be set; to roll it back must be possible all the same.
  return set.ok || set.failure.code === '25P02' ? ask(bounds) : set
}

const remedies: Readonly<Record<string, string>> = {
  '42501': 'Give the acting role of this node what it lacks: it must own the publication, its table, the subscription.',
  '55P03': 'Somebody holds a lock on it: look at pg_locks and pg_stat_activity, then go on.',
}

function refused(node: string, { code, message, remedy }: LinkFailure): AntemortemError {
  const timedOut = code === '57014' || code === 'CLIENT_DEADLINE'
  const hint = remedies[code ?? ''] ?? remedy
  return new AntemortemError(timedOut ? 'act-timed-out' : 'act-refused', `${node}: ${message}`, hint, { exit: 4 })
}

const stillAtWork = (node: string, about: string): AntemortemError =>
  new AntemortemError(
    'act-busy',
    `${node}: an earlier attempt on ${about} is still at work there`,
    'Look for antemortem-act in pg_stat_activity; its statement ends by its own timeout.',
    { exit: 4 },
  )
