import { z } from 'zod'
import { defineReader, hidden } from '../reader.ts'

const text = z.string().nullable()

/**
 * Who waits for a lock longer than a second, and who holds it. pg_blocking_pids() takes every partition of the lock table,
 * so this one is asked only while somebody waits.
 */
export const blocked = defineReader({
  key: 'blocked',
  tier: 'fast',
  // Before, nothing says since when somebody waits.
  from: 14,
  privilege: 'pg_monitor',
  schema: z
    .array(z.tuple([z.number(), text, z.number(), z.number(), text, text, z.number().nullable(), text]))
    .nullable()
    .transform((rows) => rows ?? []),
  sql: `(with activity as materialized (select pid, usesysid, state, xact_start from pg_stat_get_activity(null)),
      waiting as materialized (
        select pid, relation, database, clock_timestamp() - waitstart as waited from pg_lock_status()
        where not granted and waitstart < clock_timestamp() - interval '1 s' order by waitstart limit 20)
    select json_agg(json_build_array(w.pid, case when a.usesysid is not null then pg_get_userbyid(a.usesysid) end,
        round(extract(epoch from w.waited) * 1000), b.blocker,
        case when h.usesysid is not null then pg_get_userbyid(h.usesysid) end, h.state,
        round(extract(epoch from clock_timestamp() - h.xact_start) * 1000), n.nspname || '.' || c.relname)
        order by w.waited desc, w.pid, b.blocker)
    from waiting w
    cross join lateral (select distinct unnest(pg_blocking_pids(w.pid)) as blocker) b
    left join activity a on a.pid = w.pid
    left join activity h on h.pid = b.blocker
    left join pg_class c on c.oid = w.relation and w.database = (select oid from pg_database where datname = current_database())
    left join pg_namespace n on n.oid = c.relnamespace)`,
  map: (rows, { hello }) => {
    // A prepared transaction blocks as pid 0 and has no session; any other without a state is hidden from us.
    if (rows.some(([, , , blocker, , state]) => blocker !== 0 && state === null))
      return hidden('pg_stat_activity', hello)
    return rows.map(([pid, role, waitMs, blockerPid, blockerRole, blockerState, blockerXactMs, relation]) => ({
      pid,
      role,
      waitMs,
      blockerPid,
      blockerRole,
      blockerState,
      blockerXactMs,
      relation,
    }))
  },
})
