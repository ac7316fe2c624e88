import type { Address } from '../address.ts'
import { openSession, type SessionOptions } from '../session.ts'

/** What a pgbouncer allows. A `max_db_connections` of 0 is no limit. */
export interface PoolerLimits {
  readonly poolMode: string
  readonly defaultPoolSize: number
  readonly reservePoolSize: number
  readonly maxDbConnections: number
  readonly maxClientConn: number
  /** Clients now, this asking one among them. */
  readonly clients: number
}

/** Its own database, in which only its stats_users and admin_users get an answer: asked once, with the login that goes there anyway. */
export async function askPoolerLimits(address: Address, options: SessionOptions): Promise<PoolerLimits | null> {
  const opened = await openSession({ ...address, database: 'pgbouncer', options: null }, options)
  if (!opened.ok) return null
  try {
    const config = await opened.session.run({ text: 'show config' }, options)
    const lists = await opened.session.run({ text: 'show lists' }, options)
    if (!config.ok || !lists.ok) return null
    const values = pairsOf(config.rows, 'key', 'value')
    const counts = pairsOf(lists.rows, 'list', 'items')
    const poolMode = values.get('pool_mode')
    const number = (name: string): number => Number(values.get(name) ?? '0')
    if (poolMode === undefined) return null
    return {
      poolMode,
      defaultPoolSize: number('default_pool_size'),
      reservePoolSize: number('reserve_pool_size'),
      maxDbConnections: number('max_db_connections'),
      maxClientConn: number('max_client_conn'),
      clients: Number(counts.get('used_clients') ?? '0'),
    }
  } finally {
    await opened.session.close()
  }
}

const pairsOf = (rows: readonly unknown[], key: string, value: string): ReadonlyMap<string, string> =>
  new Map(rows.map((row) => [String(Reflect.get(Object(row), key)), String(Reflect.get(Object(row), value))]))
