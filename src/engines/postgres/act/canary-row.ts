import { z } from 'zod'
import type { LinkFailure } from '../failure.ts'
import type { NodeReader } from '../rows/node-reader.ts'
import { literal, qualified } from '../rows/sql.ts'
import type { Session, Statement } from '../session.ts'
import { outcomeIn, type Outcome, type OwnTransaction } from './change-outcome.ts'

/** The row of a contract in the table that it names as its own. There is one for each contract, and it stays. */
export interface CanaryRow {
  readonly schema: string
  readonly table: string
  readonly name: string
  /** What it says now; no two writings say the same. */
  readonly beat: string
}

/** In `pg_stat_activity`, whatever the pooler makes of the name with which the session came. */
export const canarySessionName = 'antemortem-canary'

const limits = {
  statementMs: { default: 2_000, unit: 'ms', why: 'one row by its key' },
  lockMs: { default: 1_000, unit: 'ms', why: 'nobody but a gate holds this row' },
  idleMs: { default: 10_000, unit: 'ms', why: 'what a process that died leaves open is ended by the server' },
  marginMs: { default: 500, unit: 'ms', why: "the server's own timeout comes first where it can" },
  commitMs: { default: 3_000, unit: 'ms', why: 'no timeout of the server ends a wait for a synchronous standby' },
} as const

/** All of it ends with the transaction: behind a pooler the server's session goes on to the application. */
export const canaryBounds = `set local statement_timeout = ${limits.statementMs.default};
set local lock_timeout = ${limits.lockMs.default};
set local idle_in_transaction_session_timeout = ${limits.idleMs.default};
set local application_name = ${literal(canarySessionName)}`

export type CanaryWrite =
  | { readonly ok: true }
  /** `own`: its commit was sent, and no answer came; null: nothing was written. */
  | { readonly ok: false; readonly failure: LinkFailure; readonly own: Omit<OwnTransaction, 'node'> | null }

const started = z.object({ pid: z.number(), xid: z.string() })

/**
 * Writes the row anew, in a transaction of its own. A process that is killed on the way leaves the row as it was or as it
 * should be, and nothing to take back: the next one writes it again.
 */
export async function writeCanaryRow(
  session: Session,
  { schema, table, name, beat }: CanaryRow,
  signal: AbortSignal,
): Promise<CanaryWrite> {
  const text = `begin; ${canaryBounds};
insert into ${qualified(schema, table)} as t (name, beat) values (${literal(name)}, ${literal(beat)})
  on conflict (name) do update set beat = excluded.beat;
select pg_catalog.pg_backend_pid() as pid, pg_catalog.txid_current()::pg_catalog.text as xid`
  const written = await session.run({ text }, { signal, deadlineMs: canaryDeadlineMs })
  if (!written.ok) {
    await leave(session, signal)
    return { ok: false, failure: written.failure, own: null }
  }
  const own = started.parse(written.rows[0])
  const answer = await session.run({ text: 'commit' }, { signal, deadlineMs: limits.commitMs.default })
  if (answer.ok) return { ok: true }
  // An error of the server has rolled it back; a connection that ended says nothing.
  const isTold = /^(?=.*\d)(?!57P0|08)[0-9A-Z]{5}$/.test(answer.failure.code ?? '')
  return { ok: false, failure: answer.failure, own: isTold ? null : own }
}

/** What became of a commit without an answer, seen by another session of the same role. */
export async function outcomeOfCanary(session: Session, own: OwnTransaction, signal: AbortSignal): Promise<Outcome> {
  try {
    const begun = await session.run(
      { text: `begin; ${canaryBounds}` },
      { signal, deadlineMs: limits.statementMs.default },
    )
    if (!begun.ok) return { status: null, waitedForStandby: false }
    return await outcomeIn(session, { ...own, application: canarySessionName }, signal)
  } finally {
    await leave(session, signal)
  }
}

export type BeatSeen =
  /** null: there is no such row. */
  { readonly ok: true; readonly beat: string | null } | { readonly ok: false; readonly failure: LinkFailure }

/** For the client: the server's own timeout comes first where it can. */
export const canaryDeadlineMs = limits.statementMs.default + limits.marginMs.default

const beatOf = ({ schema, table, name }: Omit<CanaryRow, 'beat'>): string =>
  `select t.beat from ${qualified(schema, table)} as t where t.name = ${literal(name)}`

/** By a session of the application, which may have no limits of its own. */
export async function readOwnBeat(session: Session, row: CanaryRow, signal: AbortSignal): Promise<BeatSeen> {
  const text = `begin transaction read only; ${canaryBounds}; ${beatOf(row)}; commit`
  const seen = await ask(session, { text }, signal)
  if (!seen.ok) await leave(session, signal)
  return seen
}

/** By the reading role, whose sessions have theirs. */
export const readBeat = async (reader: NodeReader, row: CanaryRow, signal: AbortSignal): Promise<BeatSeen> =>
  ask(reader, { text: beatOf(row) }, signal)

const shown = z.object({ beat: z.string().nullable() })

async function ask(of: Pick<Session, 'run'>, statement: Statement, signal: AbortSignal): Promise<BeatSeen> {
  const answer = await of.run(statement, { signal, deadlineMs: canaryDeadlineMs })
  if (!answer.ok) return answer
  const [row] = answer.rows
  return { ok: true, beat: row === undefined ? null : shown.parse(row).beat }
}

/** Whatever happened in it. */
export async function leave(session: Session, signal: AbortSignal): Promise<void> {
  if (session.lost === null) await session.run({ text: 'rollback' }, { signal, deadlineMs: limits.marginMs.default })
}
