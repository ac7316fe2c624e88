import { z } from 'zod'
import type { SessionUseFact } from '../../../core/facts/postgres/activity.ts'
import { byText, defineReader, hidden } from '../reader.ts'

const text = z.string().nullable()
const number = z.number()

const long = z.tuple([number, text, text, text, text, text, number, number, text, text, number.nullable()])
const use = z.tuple([text, text, z.string(), number, number, number, number])
const listOf = <T extends z.ZodType>(row: T) =>
  z
    .array(row)
    .nullable()
    .transform((rows) => rows ?? [])

/** Applications that name each of their sessions otherwise would make a row of each. */
const mostUses = 100

type Use = z.infer<typeof use>

/** The largest by themselves, the others as one for each role and database. */
function bounded(rows: readonly Use[]): readonly SessionUseFact[] {
  const sorted = rows.toSorted((a, b) => b[3] - a[3] || byText(JSON.stringify(a), JSON.stringify(b)))
  const others = new Map<string, Use>()
  for (const [role, database, , ...counts] of sorted.slice(mostUses)) {
    const key = JSON.stringify([role, database])
    const before = others.get(key)
    const [total, active, idle, inTransaction] = counts
    others.set(key, [
      role,
      database,
      '(others)',
      total + (before?.[3] ?? 0),
      active + (before?.[4] ?? 0),
      idle + (before?.[5] ?? 0),
      inTransaction + (before?.[6] ?? 0),
    ])
  }
  return [...sorted.slice(0, mostUses), ...others.values()].map(
    ([role, database, application, total, active, idle, idleInTransaction]) => ({
      role,
      database,
      application,
      total,
      active,
      idle,
      idleInTransaction,
    }),
  )
}

/** One pass over all sessions. Names of roles and databases are looked up for the few rows that are left. */
export const activity = defineReader({
  key: 'activity',
  tier: 'fast',
  privilege: 'pg_monitor',
  schema: z.tuple([number, listOf(long), listOf(use)]),
  sql: `(with a as materialized (select pid, usesysid, datid, application_name, backend_type, state, xact_start, state_change,
        wait_event_type, wait_event, backend_xmin from pg_stat_get_activity(null)
        where backend_type is null or application_name is null or application_name not like 'antemortem%')
    select json_build_array(
      (select count(*) from a where backend_type is null),
      (select json_agg(json_build_array(pid, case when usesysid <> 0 then pg_get_userbyid(usesysid) end,
          (select datname from pg_database d where d.oid = datid), application_name, backend_type, state,
          round(extract(epoch from greatest(clock_timestamp() - xact_start, interval '0')) * 1000),
          round(extract(epoch from greatest(clock_timestamp() - coalesce(state_change, xact_start), interval '0')) * 1000),
          wait_event_type, wait_event, age(backend_xmin)) order by xact_start, pid)
        from (select * from a where xact_start < clock_timestamp() - interval '10 s' order by xact_start, pid limit 50) l),
      (select json_agg(json_build_array(case when usesysid <> 0 then pg_get_userbyid(usesysid) end,
          (select datname from pg_database d where d.oid = datid), coalesce(application_name, ''), total, active, idle, waiting))
        from (select usesysid, datid, application_name, count(*) as total,
            count(*) filter (where state = 'active') as active,
            count(*) filter (where state = 'idle') as idle,
            count(*) filter (where state like 'idle in transaction%') as waiting
          from a where backend_type = 'client backend' group by 1, 2, 3) u)))`,
  map: ([unseenRows, transactions, uses], { hello }) => {
    if (unseenRows > 0) return hidden('pg_stat_activity', hello)
    return {
      long: transactions.map(
        ([
          pid,
          role,
          database,
          application,
          backendType,
          state,
          xactMs,
          stateMs,
          waitEventType,
          waitEvent,
          xminAge,
        ]) => ({
          pid,
          role,
          database,
          application: application ?? '',
          backendType: backendType ?? '',
          state,
          xactMs,
          stateMs,
          waitEventType,
          waitEvent,
          xminAge,
        }),
      ),
      use: bounded(uses),
    }
  },
})
