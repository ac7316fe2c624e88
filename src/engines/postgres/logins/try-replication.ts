import { z } from 'zod'
import { AntemortemError } from '../../../core/error.ts'
import { readAddress, type Address } from '../address.ts'
import type { LinkFailure } from '../failure.ts'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'
import { identifySystem, type Replication } from './identify-system.ts'

/** What came of a connection string of a server, which itself is forgotten: passwords stand in it. */
export type TriedLogin = {
  readonly host: string | null
  readonly port: number | null
  readonly user: string | null
  readonly database: string | null
} & (
  | { readonly is: 'let-in'; readonly ms: number; readonly isOwnWay: boolean }
  | { readonly is: 'refused'; readonly failure: LinkFailure; readonly isOwnWay: boolean }
  | { readonly is: 'not-tried'; readonly why: string }
)

export interface TriedLogins {
  /** null: it has none, or it is not to be seen. */
  readonly standby: TriedLogin | null
  /** By subscription, of those that are switched on; null: this role may not read their connection strings. */
  readonly subscriptions: ReadonlyMap<string, TriedLogin> | null
}

/** Where a connection string leads. */
export interface Upstream {
  /** From here one gets there as the server itself does: elsewhere a loopback address or a file that it names means another thing. */
  readonly isOwnWay: boolean
  /** Left there; null: not known. */
  readonly walsenders: number | null
}

export interface Trying extends Limits {
  readonly upstream: (to: Pick<Address, 'host' | 'port'>) => Promise<Upstream>
}

const seen = z.object({
  seen: z.object({ conninfo: z.string().nullable(), readable: z.boolean() }),
})

const sql = `select json_build_object(
  'conninfo', case when pg_is_in_recovery() then (select setting from pg_settings where name = 'primary_conninfo') end,
  'readable', has_column_privilege('pg_subscription', 'subconninfo', 'select')) as seen`

// A standby has the subscriptions of its primary, and follows nobody by them.
const strings = `select coalesce(json_agg(json_build_array(subname, subconninfo) order by subname), '[]'::json) as pairs
  from pg_subscription where subenabled and not pg_is_in_recovery()
    and subdbid = (select oid from pg_database where datname = current_database())`
const pairs = z.object({ pairs: z.array(z.tuple([z.string(), z.string()])) })

/** Reads the connection strings by which a server follows others, as far as this role may, and tries each once, as its receiver does; null where it gets no answer. */
export async function tryReplicationLogins(
  { session }: Pick<ReaderSession, 'session'>,
  trying: Trying,
): Promise<TriedLogins | null> {
  const answer = await session.run({ text: sql }, trying)
  if (!answer.ok) return null
  const { conninfo, readable } = seen.parse(answer.rows[0]).seen
  const standby = conninfo === null || conninfo === '' ? null : await tryConnection(conninfo, 'physical', trying)
  const written = readable ? await session.run({ text: strings }, trying) : null
  if (!written?.ok) return { standby, subscriptions: null }
  const subscriptions = new Map<string, TriedLogin>()
  // One after the other: a test must not be a load.
  for (const [name, text] of pairs.parse(written.rows[0]).pairs)
    subscriptions.set(name, await tryConnection(text, 'logical', trying))
  return { standby, subscriptions }
}

const applicationName = 'antemortem-contract'

/** One connection string of a server, tried once as its receiver does. */
export async function tryConnection(text: string, kind: Replication, trying: Trying): Promise<TriedLogin> {
  const address = addressIn(text)
  if (address === null) return { ...nowhere, is: 'not-tried', why: 'its connection string is none that is read here' }
  const { host, port, user, database } = address
  const login = { host, port, user, database: kind === 'physical' ? null : database }
  const { isOwnWay, walsenders } = await trying.upstream(address)
  const why = notTriable(address, isOwnWay)
  if (why !== null) return { ...login, user: user === unnamed ? null : user, is: 'not-tried', why }
  if (walsenders === 1)
    return { ...login, is: 'not-tried', why: `one walsender is left at ${host}:${port}, and a test does not take it` }
  const tried = await identifySystem(address, kind, { ...trying, applicationName })
  if (tried.ok) return { ...login, is: 'let-in', ms: tried.ms, isOwnWay }
  const { code, message } = tried.failure
  if (/^(?:ENOENT|EACCES)$/.test(code ?? '') && message.includes(", open '"))
    return {
      ...login,
      is: 'not-tried',
      why: 'the certificates that its connection string names are not to be read here',
    }
  return { ...login, is: 'refused', failure: tried.failure, isOwnWay }
}

const nowhere = { host: null, port: null, user: null, database: null }
/** No role has this name; the one of who runs us is not the server's. */
const unnamed = '\0'

/** Only what it says itself: variables, services and password files of this host are not the server's. */
function addressIn(text: string): Address | null {
  if (/(?:^|[\s?&])(?:service|servicefile)\s*=/.test(text)) return null
  try {
    return readAddress(text, { PGUSER: unnamed })
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}

/** An address that means the host of whoever says it. */
export const isLoopback = (host: string): boolean => /^(?:localhost|127\.[\d.]+|::1|\/.*)$/.test(host)

/** Why a try from here would say nothing of the server's own; null: it would. */
function notTriable({ host, user, password, sslRootCert, sslCert, sslKey }: Address, isOwnWay: boolean): string | null {
  if (!isOwnWay && isLoopback(host)) return `${host} is the server's own host, where nothing is known to be this one`
  if (user === unnamed) return "it names no user: it is the server's own in its operating system"
  if (!isOwnWay && [sslRootCert, sslCert, sslKey].some((file) => file !== null && file !== 'system'))
    return 'its connection string names certificates, which lie on the host of the server'
  // One of this host, for the same place, would be another login's.
  return password === null ? 'no password stands in it: a password file of the server, or none is needed' : null
}
