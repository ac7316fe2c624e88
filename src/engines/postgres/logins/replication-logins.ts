import { z } from 'zod'
import { readKeywords } from '../keywords.ts'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'

/** Where a replication login goes; null: not to be seen. */
export interface ReplicationAddress {
  readonly host: string | null
  readonly port: number | null
  readonly user: string | null
}

export interface StandbyLogin extends ReplicationAddress {
  /** Of pg_stat_wal_receiver; null: none runs. */
  readonly status: string | null
  readonly slot: string | null
  /** Is a primary_conninfo set? null: this role may not see it. */
  readonly isConfigured: boolean | null
}

export interface SubscriptionLogin extends ReplicationAddress {
  readonly name: string
  readonly enabled: boolean
  readonly slot: string | null
  /** Its apply worker runs. */
  readonly runs: boolean
}

/** Who is connected for replication. */
export interface SenderLogin {
  readonly user: string
  readonly application: string
  readonly slot: string | null
  readonly state: string | null
}

export interface ReplicationLogins {
  /** null: this server is no standby. */
  readonly standby: StandbyLogin | null
  readonly subscriptions: readonly SubscriptionLogin[]
  readonly senders: readonly SenderLogin[]
}

const text = z.string().nullable()

const row = z.object({
  seen: z.object({
    standby: z.boolean(),
    receivers: z.array(z.tuple([text, text, text, z.number().nullable(), text])),
    conninfo: text,
    subscriptions: z.array(z.tuple([z.string(), z.boolean(), text, z.boolean()])),
    senders: z.array(z.tuple([z.string(), z.string(), text, text])),
    readable: z.boolean(),
  }),
})

// A standby has the rows of its primary, and follows nobody by them.
const own = 'subdbid = (select oid from pg_database where datname = current_database())'

const sql = `select json_build_object('standby', pg_is_in_recovery(),
  'receivers', (select coalesce(json_agg(json_build_array(status, slot_name, sender_host, sender_port, conninfo)), '[]'::json)
    from pg_stat_wal_receiver),
  'conninfo', (select setting from pg_settings where name = 'primary_conninfo'),
  'subscriptions', (select coalesce(json_agg(json_build_array(s.subname, s.subenabled, s.subslotname,
      exists (select 1 from pg_stat_subscription v where v.subname = s.subname and v.relid is null and v.pid is not null))
      order by s.subname), '[]'::json) from pg_subscription s where s.${own} and not pg_is_in_recovery()),
  'senders', (select coalesce(json_agg(json_build_array(r.usename, r.application_name, p.slot_name, r.state)), '[]'::json)
    from pg_stat_replication r left join pg_replication_slots p on p.active_pid = r.pid where r.usename is not null),
  'readable', has_column_privilege('pg_subscription', 'subconninfo', 'select')) as seen`

const strings = `select coalesce(json_agg(json_build_array(subname, subconninfo)), '[]'::json) as pairs
  from pg_subscription where ${own}`
const pairs = z.object({ pairs: z.array(z.tuple([z.string(), z.string()])) })

/** The strings hold passwords: what is kept of one is where it goes and as whom. */
function addressIn(conninfo: string | null): ReplicationAddress {
  const given = conninfo === null ? new Map<string, string>() : keywordsOf(conninfo)
  const port = Number(given.get('port') ?? '5432')
  return {
    host: given.get('host') ?? given.get('hostaddr') ?? null,
    port: given.size === 0 || !Number.isInteger(port) ? null : port,
    user: given.get('user') ?? null,
  }
}

const keywordsOf = (conninfo: string): ReadonlyMap<string, string> => {
  try {
    return readKeywords(conninfo, (what) => new SyntaxError(what))
  } catch (error) {
    // A URL, or what no libpq would read: then its parts are not to be seen here.
    if (error instanceof SyntaxError) return new Map()
    throw error
  }
}

/** The logins by which this server follows others, and those by which others follow it; null where the reading role gets no answer. */
export async function readReplicationLogins(
  { session }: Pick<ReaderSession, 'session'>,
  limits: Limits,
): Promise<ReplicationLogins | null> {
  const answer = await session.run({ text: sql }, limits)
  if (!answer.ok) return null
  const { standby, receivers, conninfo, subscriptions, senders, readable } = row.parse(answer.rows[0]).seen
  const written = readable ? await session.run({ text: strings }, limits) : null
  const addresses = new Map(
    written?.ok ? pairs.parse(written.rows[0]).pairs.map(([name, said]) => [name, addressIn(said)] as const) : [],
  )
  const [receiver] = receivers
  const [status = null, slot = null, host = null, port = null, used = null] = receiver ?? []
  const told = addressIn(used ?? conninfo)
  return {
    standby: standby
      ? {
          host: host ?? told.host,
          port: port ?? told.port,
          user: told.user,
          status,
          slot,
          isConfigured: conninfo === null ? null : conninfo !== '',
        }
      : null,
    subscriptions: subscriptions.map(([name, enabled, slotName, runs]) => ({
      name,
      enabled,
      slot: slotName,
      runs,
      ...(addresses.get(name) ?? addressIn(null)),
    })),
    senders: senders.map(([user, application, slotName, state]) => ({ user, application, slot: slotName, state })),
  }
}
