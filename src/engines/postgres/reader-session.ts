import { z } from 'zod'
import type { FactKey } from '../../core/facts/postgres/index.ts'
import type { Unseen } from '../../core/observation.ts'
import type { Address } from './address.ts'
import { addressText } from './address.ts'
import type { LinkFailure } from './failure.ts'
import { classify } from './failure.ts'
import type { Answer, Limits, Session } from './session.ts'
import { poolerFailure } from './pooler.ts'
import { oldestMajor } from './reader.ts'
import { refusal } from './server-version.ts'
import { openSession } from './session.ts'

/** What stays the same for as long as a session lives: a restart of the server ends it. */
export interface Hello {
  readonly versionNum: number
  readonly database: string
  readonly databaseOid: number
  readonly systemId: string
  readonly startedMs: number
  readonly maxConnections: number
  readonly reserved: number
  /** The reading role, for the GRANT in a remedy. */
  readonly role: string
}

/** What pg_stat_activity says of a walsender; neither changes while it lives. */
export interface SenderName {
  readonly application: string
  readonly address: string | null
}

export interface ReaderSession {
  readonly session: Session
  readonly hello: Hello
  /** Walsenders by pid, as last read. */
  names: ReadonlyMap<number, SenderName>
  /** Slots by the pid of who uses them, as last read. */
  slots: ReadonlyMap<number, string>
  /** The walsenders that were past their start when the slots were last read: another set of them asks for the slots anew. */
  placed: ReadonlySet<number>
  /** Facts that this role or version does not give, and until when (performance.now) they are not asked for. */
  readonly leftOut: Map<FactKey, { readonly why: Unseen; readonly until: number }>
}

export interface ReaderLimits extends Limits {
  readonly applicationName: string
  /** For an attempt that was accepted in time, and for each of its statements. */
  readonly answerMs?: number
  /** The server ends a statement after this long by itself. */
  readonly statementTimeoutMs: number
}

/**
 * The changed server must not decide how we read: each of these has hidden an outage from its own monitor
 * (`statement_timeout = 1ms` in postgresql.conf killed its queries, a policy would hide rows silently).
 */
const settings = (statementTimeoutMs: number): readonly (readonly [string, string])[] => [
  ['statement_timeout', String(statementTimeoutMs)],
  // Short: deparsing an index locks its table, and one DDL must not hold up what we read of all others.
  ['lock_timeout', '250'],
  ['idle_in_transaction_session_timeout', '0'],
  ['search_path', 'pg_catalog'],
  ['default_transaction_read_only', 'on'],
  // A default of serializable is refused on a standby.
  ['default_transaction_isolation', 'read committed'],
  ['row_security', 'off'],
  ['jit', 'off'],
  ['max_parallel_workers_per_gather', '0'],
  ['timezone', 'UTC'],
  ['datestyle', 'ISO'],
  ['intervalstyle', 'postgres'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
]

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** From 14 on; set where the version is known. */
const idleTimeout = 'idle_session_timeout'

/** Where one of these ends a session before it could set it away, the setting goes into the startup packet. */
const enders: Readonly<Record<string, string>> = { '57014': 'statement_timeout', '57P05': idleTimeout }
/** A statement that only sets is through in less than a millisecond, most of the time. */
const tries = 5

/** Whatever the server's defaults are: a transaction that begins as serializable is refused on a standby. */
const alone = (statement: string): string =>
  `begin transaction isolation level read committed read only; ${statement}; commit`

/**
 * Nothing is set on a session that is not ours alone: behind a pooler it goes on to somebody else, and would be read-only there.
 * Whose session it is, its process number tells: a pooler gives its client another one. What older servers do not know is not set
 * on them.
 */
const setAll = (pairs: readonly (readonly [string, string])[], pid: number): string =>
  alone(`select ${pairs.map(([name, value]) => `pg_catalog.set_config(${quoted(name)}, ${quoted(value)}, false)`).join(', ')}
  where ${pid === 0 ? 'true' : `pg_catalog.pg_backend_pid() operator(pg_catalog.=) ${pid}`}
    and pg_catalog.current_setting('server_version_num')::pg_catalog.int4 operator(pg_catalog.>=) ${oldestMajor * 10_000}`)

const who = alone(`select pg_catalog.json_build_array(pg_catalog.pg_backend_pid(),
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4) as who`)

const whoRow = z.object({ who: z.tuple([z.number(), z.number()]) })

/** It also sets what older servers do not know. */
const hello = (given: readonly string[]): string => `select pg_catalog.json_build_array(
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4, pg_catalog.current_database(),
  (select oid::pg_catalog.int8 from pg_catalog.pg_database where datname operator(pg_catalog.=) pg_catalog.current_database()),
  (select system_identifier::pg_catalog.text from pg_catalog.pg_control_system()),
  extract(epoch from pg_catalog.pg_postmaster_start_time()),
  pg_catalog.current_setting('max_connections')::pg_catalog.int4,
  pg_catalog.current_setting('superuser_reserved_connections')::pg_catalog.int4
    + coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::pg_catalog.int4,
  current_user,
  case when pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= ${given.includes(idleTimeout) ? 'null' : 140_000}
    then pg_catalog.set_config('${idleTimeout}', '0', false) end,
  case when pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000
    then pg_catalog.set_config('transaction_timeout', '0', false) end) as hello`

const helloRow = z.object({
  hello: z
    .tuple([z.number(), z.string(), z.number(), z.string(), z.number(), z.number(), z.number(), z.string()])
    .rest(z.unknown()),
})

/**
 * Opens a session that reads and does nothing else. The settings are set rather than given in the startup packet, because
 * what is given there hides the server's own value from `pg_settings.reset_val`, and a change of it may be the outage.
 * A timeout that does not even let us set it goes into the startup packet after all, and nothing else does.
 */
export async function openReader(
  address: Address,
  limits: ReaderLimits,
  given: readonly string[] = [],
): Promise<{ ok: true; reader: ReaderSession } | { ok: false; failure: LinkFailure }> {
  const pairs = settings(limits.statementTimeoutMs)
  const valueOf = (name: string): string => pairs.find(([each]) => each === name)?.[1] ?? '0'
  const options = given.map((name) => `-c ${name}=${valueOf(name)}`).join(' ')
  const opened = await openSession(address, { ...limits, options })
  if (!opened.ok) return opened
  const { session } = opened
  const { signal, answerMs: deadlineMs = limits.deadlineMs } = limits
  const run = async (text: string): Promise<Answer> => session.run({ text }, { signal, deadlineMs })
  // In a round trip of their own: a transaction that began under the server's defaults keeps them.
  const sets = setAll(
    pairs.filter(([name]) => !given.includes(name)),
    session.pid,
  )
  let set = await run(sets)
  for (let n = 1; n < tries && !set.ok && set.failure.code === '57014'; n += 1) set = await run(`rollback; ${sets}`)
  const isSet = set.ok && set.rows.length > 0
  const answer = isSet ? await run(hello(given)) : set.ok ? await run(who) : set
  if (!answer.ok || !isSet) {
    const strange = answer.ok ? strangerOf(answer.rows[0], session.pid, addressText(address)) : null
    await session.close()
    if (strange) return { ok: false, failure: strange }
    if (answer.ok) return { ok: false, failure: notUnderstood(address) }
    const ender = enders[answer.failure.code ?? '']
    return ender === undefined || given.includes(ender) ? answer : openReader(address, limits, [...given, ender])
  }
  const row = helloRow.safeParse(answer.rows[0])
  if (!row.success) {
    await session.close()
    return { ok: false, failure: notUnderstood(address) }
  }
  const [versionNum, database, databaseOid, systemId, started, maxConnections, reserved, role] = row.data.hello
  const startedMs = Math.round(started * 1000)
  return {
    ok: true,
    reader: {
      session,
      hello: { versionNum, database, databaseOid, systemId, startedMs, maxConnections, reserved, role },
      names: new Map(),
      slots: new Map(),
      placed: new Set(),
      leftOut: new Map(),
    },
  }
}

const notUnderstood = (address: Address): LinkFailure =>
  classify({ code: '42883', message: 'the answer is not that of PostgreSQL' }, 'ready', addressText(address))

/** Why nothing was set: the server is too old, or the session is not ours alone. */
function strangerOf(row: unknown, pid: number, where: string): LinkFailure | null {
  const read = whoRow.safeParse(row)
  if (!read.success) return null
  const [backend, versionNum] = read.data.who
  const refused = refusal(versionNum)
  if (refused !== null) return classify({ code: '42883', message: refused }, 'ready', where)
  return backend === pid ? null : poolerFailure(where)
}
