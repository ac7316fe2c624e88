import type { NamedStatement } from '../../engines/postgres/logins/named-statement.ts'
import type { PoolerLimits } from '../../engines/postgres/logins/pooler-limits.ts'
import { info, type ContractNote } from './note.ts'
import { mostTried, spare, type Demand } from './sessions.ts'

/**
 * A named statement behind a pooler. Whether the application's driver uses them only its owner knows: without his word it is a
 * warning. Pure.
 */
export function preparedNote(found: NamedStatement, uses: boolean | null): ContractNote {
  const about = 'prepared-statements'
  if (found.is !== 'lost') return info(about, 'query', wordsOf(found))
  return {
    about,
    severity: uses === true ? 'error' : 'warning',
    layer: 'query',
    code: found.code,
    message: `the pooler gives each transaction another session: a named prepared statement is lost (${found.message})`,
    remedy: `Set pool_mode = session, or max_prepared_statements above 0 (pgbouncer 1.21 and later), or turn them off in the driver (JDBC prepareThreshold=0, asyncpg statement_cache_size=0, Prisma pgbouncer=true, Rails prepared_statements: false)${uses === null ? '; and say prepared_statements: false in the contract' : ''}.`,
  }
}

function wordsOf(found: Exclude<NamedStatement, { readonly is: 'lost' }>): string {
  if (found.is === 'unknown') return `named prepared statements were not tried: ${found.why}`
  return found.is === 'kept'
    ? 'a pooler is between, and a session stays with its client: named prepared statements work'
    : 'a pooler shares sessions between clients, and carries named prepared statements along'
}

export const notUsed = info(
  'prepared-statements',
  'query',
  'prepared statements were not tried: the contract says that it uses none',
)

/** The pools against the pooler's own limits. Pure. */
export function poolerNotes(limits: PoolerLimits | null, demands: readonly Demand[]): readonly ContractNote[] {
  const known = demands.filter(({ poolMax }) => poolMax !== null)
  const wanted = known.reduce((all, { poolMax }) => all + (poolMax ?? 0), 0)
  if (limits === null)
    return [
      info(
        'sessions',
        'capacity',
        "a pooler is between: its limits (default_pool_size, max_db_connections, max_client_conn) are shown to its stats_users: psql -d pgbouncer -c 'show config'",
      ),
    ]
  const { maxClientConn, defaultPoolSize, reservePoolSize, maxDbConnections, poolMode } = limits
  const most = maxDbConnections > 0 ? `, max_db_connections ${maxDbConnections}` : ''
  const text = `pool_mode ${poolMode}, default_pool_size ${defaultPoolSize} + ${reservePoolSize} in reserve${most}, max_client_conn ${maxClientConn}`
  const notes = [info('sessions', 'capacity', `a pooler is between: ${text}`)]
  if (wanted > maxClientConn)
    return [
      ...notes,
      {
        about: 'sessions',
        severity: 'error',
        layer: 'capacity',
        code: '08P01',
        message: `the pools may open ${wanted} sessions (${known.map(({ contract, instance, poolMax }) => `${contract}:${instance} ${poolMax}`).join(' + ')}), ${wanted - maxClientConn} more than max_client_conn ${maxClientConn} of the pooler`,
        remedy:
          'Lower POOL_MAX of these instances, or raise max_client_conn (and the open files that the pooler may have).',
      },
    ]
  return notes
}

/**
 * How many further clients a test may open at once. A pooler that gives each of them a session of its own has few of these, and
 * does not say which are free: nobody is to wait for a test. Pure.
 */
export function clientsToTry(
  limits: PoolerLimits | null,
  found: NamedStatement,
  poolMax: number | null,
): { readonly more: number; readonly note: ContractNote | null } {
  const not = (why: string) => ({
    more: 0,
    note: info('sessions', 'capacity', `its pool was not tried at once: ${why}`),
  })
  if (poolMax === null) return not('its settings do not say how large it is (POOL_MAX)')
  if (limits === null) return not('the pooler does not tell this login how many clients it takes')
  if (found.is !== 'carried' && found.is !== 'lost')
    return not('the pooler gives each client a session of its own for as long as it stays')
  const free = limits.maxClientConn - limits.clients
  const more = Math.min(poolMax, mostTried) - 1
  return more <= free - spare
    ? { more, note: null }
    : not(`the pooler takes ${free} clients more, and a test leaves ${spare}`)
}
