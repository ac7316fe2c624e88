import type { Statement } from '../engines/postgres/index.ts'

/** What a session says of itself before the canary runs. */
export interface Greeting {
  readonly inRecovery: boolean
  /** A role, database or server setting that makes every transaction read-only. */
  readonly readOnlyByDefault: boolean
  /** Tells one server from another, and from itself before a restart. */
  readonly startedMs: number
  readonly ownTimeoutMs: number
}

const milliseconds = (setting: string): string =>
  `(extract(epoch from pg_catalog.current_setting('${setting}')::pg_catalog.interval) * 1000)::pg_catalog.int8`

/** The session's own limit where it has a shorter one: shortening it is what an outage may consist of, and must be felt. */
const capped = (setting: string, ms: number): string =>
  `pg_catalog.set_config('${setting}', (case when ${milliseconds(setting)} between 1 and ${ms} then ${milliseconds(setting)} else ${ms} end)::pg_catalog.text, true)`

/** How values are written decides the digest, and two nodes may have settings of their own. */
const forms = Object.entries({
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  lc_monetary: 'C',
})
  .map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', true)`)
  .join(', ')

/**
 * All of it ends with the transaction: behind a pooler the server's session goes on to the application, and a setting left
 * there would be an outage of our own making. `search_path` and the like stay as the application has them.
 */
export const greetingStatement = (queryTimeoutMs: number): Statement => ({
  text: `begin transaction read only;
select pg_catalog.json_build_array(
  pg_catalog.pg_is_in_recovery(),
  pg_catalog.current_setting('default_transaction_read_only'),
  extract(epoch from pg_catalog.pg_postmaster_start_time()),
  ${milliseconds('statement_timeout')},
  ${capped('statement_timeout', queryTimeoutMs)},
  ${capped('lock_timeout', Math.max(1, Math.floor(queryTimeoutMs * 0.8)))},
  ${forms}) as greeting`,
})

/** Null for an answer that is none of PostgreSQL. */
export function readGreeting(rows: readonly unknown[]): Greeting | null {
  const [row] = rows
  const fields: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'greeting') : null
  if (!Array.isArray(fields)) return null
  const [inRecovery, readOnly, started, ownTimeoutMs]: readonly unknown[] = fields
  if (typeof inRecovery !== 'boolean' || typeof started !== 'number' || typeof ownTimeoutMs !== 'number') return null
  return { inRecovery, readOnlyByDefault: readOnly === 'on', startedMs: Math.round(started * 1_000), ownTimeoutMs }
}
