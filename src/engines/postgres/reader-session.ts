import { z } from 'zod'
import type { FactKey } from '../../core/facts/postgres/index.ts'
import type { Unseen } from '../../core/observation.ts'
import type { Address } from './address.ts'
import { addressText } from './address.ts'
import type { LinkFailure } from './failure.ts'
import { classify } from './failure.ts'
import type { Limits, Session } from './session.ts'
import { refusal } from './server-version.ts'
import { openSession } from './session.ts'

/** What stays the same for as long as a session lives: a restart of the server ends it. */
export interface Hello {
  readonly versionNum: number
  readonly database: string
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
  /** Facts that this role or version does not give, and until when (performance.now) they are not asked for. */
  readonly leftOut: Map<FactKey, { readonly why: Unseen; readonly until: number }>
}

export interface ReaderLimits extends Limits {
  readonly applicationName: string
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

/** It also sets what older servers do not know. */
const hello = `select pg_catalog.json_build_array(
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4, pg_catalog.current_database(),
  (select system_identifier::pg_catalog.text from pg_catalog.pg_control_system()),
  extract(epoch from pg_catalog.pg_postmaster_start_time()),
  pg_catalog.current_setting('max_connections')::pg_catalog.int4,
  pg_catalog.current_setting('superuser_reserved_connections')::pg_catalog.int4
    + coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::pg_catalog.int4,
  current_user,
  case when pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 140000
    then pg_catalog.set_config('idle_session_timeout', '0', false) end,
  case when pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000
    then pg_catalog.set_config('transaction_timeout', '0', false) end) as hello`

const helloRow = z.object({
  hello: z
    .tuple([z.number(), z.string(), z.string(), z.number(), z.number(), z.number(), z.string()])
    .rest(z.unknown()),
})

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`

/**
 * Opens a session that reads and does nothing else. The settings are set rather than given in the startup packet, because
 * what is given there hides the server's own value from `pg_settings.reset_val`, and a change of it may be the outage.
 * Where the server's settings do not even let us set them, they go into the startup packet after all.
 */
export async function openReader(
  address: Address,
  limits: ReaderLimits,
  way: 'statement' | 'startup' = 'statement',
): Promise<{ ok: true; reader: ReaderSession } | { ok: false; failure: LinkFailure }> {
  const pairs = settings(limits.statementTimeoutMs)
  const options = pairs.map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`).join(' ')
  const opened = await openSession(address, way === 'statement' ? limits : { ...limits, options })
  if (!opened.ok) return opened
  const { session } = opened
  // In a round trip of their own: a transaction that began under the server's defaults keeps them (serializable is refused
  // on a standby).
  const sets = pairs.map(([name, value]) => `set ${name} = ${quoted(value)}`).join('; ')
  const set = way === 'startup' ? null : await session.run({ text: sets }, limits)
  const answer = set?.ok === false ? set : await session.run({ text: hello }, limits)
  if (!answer.ok) {
    await session.close()
    const stopped = answer.failure.code === '57014' || answer.failure.code === '57P05'
    return stopped && way === 'statement' ? openReader(address, limits, 'startup') : answer
  }
  const row = helloRow.safeParse(answer.rows[0])
  const versionNum = row.data?.hello[0] ?? 0
  const refused = row.success ? refusal(versionNum) : 'the answer is not that of PostgreSQL'
  if (!row.success || refused !== null) {
    await session.close()
    return { ok: false, failure: classify({ code: '42883', message: refused }, 'ready', addressText(address)) }
  }
  const [, database, systemId, started, maxConnections, reserved, role] = row.data.hello
  const startedMs = Math.round(started * 1000)
  return {
    ok: true,
    reader: {
      session,
      hello: { versionNum, database, systemId, startedMs, maxConnections, reserved, role },
      names: new Map(),
      leftOut: new Map(),
    },
  }
}
