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
const bounds = `set local statement_timeout = ${limits.statementMs.default};
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
  const text = `begin; ${bounds};
insert into ${qualified(schema, table)} as t (name, beat) values (${literal(name)}, ${literal(beat)})
  on conflict (name) do update set beat = excluded.beat;
select pg_catalog.pg_backend_pid() as pid, pg_catalog.txid_current()::pg_catalog.text as xid`
  const deadlineMs = limits.statementMs.default + limits.marginMs.default
  const written = await session.run({ text }, { signal, deadlineMs })
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
    const begun = await session.run({ text: `begin; ${bounds}` }, { signal, deadlineMs: limits.statementMs.default })
    if (!begun.ok) return { status: null, waitedForStandby: false }
    return await outcomeIn(session, { ...own, application: canarySessionName }, signal)
  } finally {
    await leave(session, signal)
  }
}

export type BeatSeen =
  /** null: there is no such row. */
  { readonly ok: true; readonly beat: string | null } | { readonly ok: false; readonly failure: LinkFailure }

const beatOf = ({ schema, table, name }: Omit<CanaryRow, 'beat'>): string =>
  `select t.beat from ${qualified(schema, table)} as t where t.name = ${literal(name)}`

/** By a session of the application, which may have no limits of its own. */
export async function readOwnBeat(session: Session, row: CanaryRow, signal: AbortSignal): Promise<BeatSeen> {
  const text = `begin transaction read only; ${bounds}; ${beatOf(row)}; commit`
  const seen = await ask(session, { text }, signal)
  if (!seen.ok) await leave(session, signal)
  return seen
}

/** By the reading role, whose sessions have theirs. */
export const readBeat = async (reader: NodeReader, row: CanaryRow, signal: AbortSignal): Promise<BeatSeen> =>
  ask(reader, { text: beatOf(row) }, signal)

const shown = z.object({ beat: z.string().nullable() })

async function ask(of: Pick<Session, 'run'>, statement: Statement, signal: AbortSignal): Promise<BeatSeen> {
  const deadlineMs = limits.statementMs.default + limits.marginMs.default
  const answer = await of.run(statement, { signal, deadlineMs })
  if (!answer.ok) return answer
  const [row] = answer.rows
  return { ok: true, beat: row === undefined ? null : shown.parse(row).beat }
}

async function leave(session: Session, signal: AbortSignal): Promise<void> {
  if (session.lost === null) await session.run({ text: 'rollback' }, { signal, deadlineMs: limits.marginMs.default })
}

/** A table as a session of the application finds it: whether it is the one that the manual asks for. */
export interface SeenCanaryTable {
  readonly user: string
  readonly isStandby: boolean
  readonly isReadOnly: boolean
  /** null: there is none of this name. */
  readonly found: {
    /** As `pg_class.relkind` and `relpersistence` have it. */
    readonly kind: string
    readonly persistence: string
    /** The schema lets this role in. */
    readonly isOpen: boolean
    /** Of select, insert, update. */
    readonly rights: readonly string[]
    readonly columns: readonly { readonly name: string; readonly type: string }[]
    /** There is one row for each name. */
    readonly hasKey: boolean
  } | null
}

const seenTable: z.ZodType<{ readonly seen: SeenCanaryTable }> = z.object({
  seen: z.object({
    user: z.string(),
    isStandby: z.boolean(),
    isReadOnly: z.boolean(),
    found: z
      .object({
        kind: z.string(),
        persistence: z.string(),
        isOpen: z.boolean(),
        rights: z.array(z.string()),
        columns: z.array(z.object({ name: z.string(), type: z.string() })),
        hasKey: z.boolean(),
      })
      .nullable(),
  }),
})

/** By the catalog: nothing is tried. */
const lookAtTable = (schema: string, table: string): string => `select pg_catalog.json_build_object(
  'user', current_user,
  'isStandby', pg_catalog.pg_is_in_recovery(),
  'isReadOnly', pg_catalog.current_setting('transaction_read_only') = 'on',
  'found', (select pg_catalog.json_build_object(
    'kind', c.relkind, 'persistence', c.relpersistence,
    'isOpen', pg_catalog.has_schema_privilege(n.oid, 'usage'),
    'rights', (select coalesce(pg_catalog.json_agg(r.kind), '[]'::pg_catalog.json)
      from (values ('select'), ('insert'), ('update')) r (kind)
      where pg_catalog.has_any_column_privilege(c.oid, r.kind)),
    'columns', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) order by a.attnum), '[]'::pg_catalog.json)
      from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    'hasKey', exists (select from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = c.oid and i.indisprimary and i.indimmediate and i.indnkeyatts = 1 and a.attname = 'name'))
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${literal(schema)} and c.relname = ${literal(table)}
      and c.relkind in ('r', 'p', 'v', 'm', 'f'))) as seen`

/** null: it did not answer. */
export async function lookAtCanaryTable(
  session: Session,
  { schema, table }: Pick<CanaryRow, 'schema' | 'table'>,
  signal: AbortSignal,
): Promise<SeenCanaryTable | null> {
  // As the application begins one: whether it may write is what is asked.
  const text = `begin; ${bounds}; ${lookAtTable(schema, table)}`
  const deadlineMs = limits.statementMs.default + limits.marginMs.default
  const answer = await session.run({ text }, { signal, deadlineMs })
  await leave(session, signal)
  return answer.ok ? seenTable.parse(answer.rows[0]).seen : null
}
