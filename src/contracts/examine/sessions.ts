import type { Room } from '../../engines/postgres/logins/own-view.ts'
import { info, type ContractNote } from './note.ts'

/** Sessions that one instance of a contract may hold at once on a server. */
export interface Demand {
  readonly contract: string
  readonly instance: string
  readonly user: string
  readonly database: string
  /** null: its settings do not say. */
  readonly poolMax: number | null
}

const limits = {
  spare: { default: 5, unit: 'sessions', why: 'a test must not take the last ones from who comes meanwhile' },
  most: { default: 100, unit: 'sessions', why: 'each is a process of the server; more of them are a load, not a test' },
} as const

export const spare = limits.spare.default
export const mostTried = limits.most.default

interface Limit {
  readonly name: string
  /** How many the contracts may share. */
  readonly size: number
  readonly free: number
  readonly counts: (demand: Demand) => boolean
  readonly remedy: string
}

function limitsOf(room: Room, user: string, database: string): readonly Limit[] {
  const { maxConnections, reserved, clients, walsenders } = room
  const places = maxConnections - reserved
  const senders = walsenders > 0 ? `; ${walsenders} walsenders have places of their own` : ''
  const all: Limit[] = [
    {
      name: `the ${places} sessions that the server has for it (max_connections ${maxConnections} - ${reserved} reserved${senders})`,
      size: places,
      free: places - clients,
      counts: () => true,
      remedy: 'put a pooler between, or raise max_connections, on standbys first',
    },
  ]
  if (room.roleLimit >= 0 && !room.isSuperuser)
    all.push({
      name: `the ${room.roleLimit} of role ${user} (rolconnlimit)`,
      size: room.roleLimit,
      free: room.roleLimit - room.ofRole,
      counts: (demand) => demand.user === user,
      remedy: `raise its limit: alter role ${user} connection limit N`,
    })
  if (room.databaseLimit >= 0 && !room.isSuperuser)
    all.push({
      name: `the ${room.databaseLimit} of database ${database} (datconnlimit)`,
      size: room.databaseLimit,
      free: room.databaseLimit - room.ofDatabase,
      counts: (demand) => demand.database === database,
      remedy: `raise its limit: alter database ${database} connection limit N`,
    })
  return all
}

const sum = (demands: readonly Demand[]): number => demands.reduce((all, { poolMax }) => all + (poolMax ?? 0), 0)

const arithmetic = (demands: readonly Demand[]): string => {
  const parts = demands.map(({ contract, instance, poolMax }) => `${contract}:${instance} ${poolMax}`)
  return parts.length > 8 ? `${parts.slice(0, 8).join(' + ')} + …` : parts.join(' + ')
}

/** Do all pools of all contracts on this server, full at once, fit into it? Pure. */
export function arithmeticNotes(
  room: Room,
  own: Pick<Demand, 'user' | 'database'>,
  demands: readonly Demand[],
): readonly ContractNote[] {
  const known = demands.filter(({ poolMax }) => poolMax !== null)
  if (known.length === 0) return []
  const notes: ContractNote[] = []
  for (const limit of limitsOf(room, own.user, own.database)) {
    const counted = known.filter(limit.counts)
    const wanted = sum(counted)
    if (wanted > limit.size)
      notes.push({
        about: 'sessions',
        severity: 'error',
        layer: 'capacity',
        code: '53300',
        message: `the pools may open ${wanted} sessions (${arithmetic(counted)}), ${wanted - limit.size} more than ${limit.name}`,
        remedy: `Lower POOL_MAX of these instances, or ${limit.remedy}.`,
      })
    else
      notes.push(
        info('sessions', 'capacity', `the pools may open ${wanted} sessions (${arithmetic(counted)}) of ${limit.name}`),
      )
  }
  return notes
}

/** How many further sessions a test may open at once: those of the pool, or none, and why. Pure. */
export function sessionsToTry(room: Room, own: Demand): { readonly more: number; readonly note: ContractNote | null } {
  const { poolMax } = own
  if (poolMax === null)
    return {
      more: 0,
      note: info('sessions', 'capacity', 'how many sessions it opens at once, its settings do not say (POOL_MAX)'),
    }
  const more = Math.min(poolMax, limits.most.default) - 1
  const [tightest] = limitsOf(room, own.user, own.database).toSorted((a, b) => a.free - b.free)
  const free = Math.max(0, tightest?.free ?? 0)
  if (more <= free - limits.spare.default) return { more, note: null }
  const where = tightest?.name ?? ''
  const message = `its pool of ${poolMax} was not tried at once: ${free} sessions are free of ${where}, and a test leaves ${limits.spare.default}`
  const severity = more > free ? 'warning' : 'info'
  const remedy =
    severity === 'info'
      ? null
      : 'See who holds the sessions (pg_stat_activity by usename): where these are not its own, a restart of this application finds no place.'
  return { more: 0, note: { ...info('sessions', 'capacity', message), severity, remedy } }
}

/** What came of opening them. Pure. */
export function openedNote(tried: {
  readonly wanted: number
  readonly poolMax: number
  readonly ms: number
  readonly isPooled: boolean
}): ContractNote {
  const { wanted, poolMax, ms, isPooled } = tried
  const of = wanted < poolMax ? ` of its ${poolMax}` : ''
  const where = isPooled ? ' at the pooler' : ''
  return info('sessions', 'capacity', `opened ${wanted}${of} sessions at once${where} in ${Math.round(ms)} ms`)
}
