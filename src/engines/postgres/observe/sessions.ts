import { z } from 'zod'
import type { SenderName } from '../reader-session.ts'
import { defineReader, hidden } from '../reader.ts'

/** total, active, waiting for a lock, hidden, [pid, name, address] of walsenders */
export const rawSessions = z.tuple([
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z
    .array(z.tuple([z.number(), z.string(), z.string().nullable()]))
    .nullable()
    .transform((pairs) => pairs ?? []),
])

/** The walsenders of a raw value. */
export const senderNames = (raw: unknown): ReadonlyMap<number, SenderName> =>
  new Map(rawSessions.parse(raw)[4].map(([pid, application, address]) => [pid, { application, address }]))

/** One pass over all sessions, for their numbers and for the names of the walsenders. */
export const sessions = defineReader({
  key: 'sessions',
  tier: 'fast',
  privilege: 'pg_monitor',
  schema: rawSessions,
  // Ours are not the application's load; but whoever waits for a lock waits, also a change that we make for somebody.
  sql: `(select json_build_array(
      count(*) filter (where backend_type = 'client backend' and theirs),
      count(*) filter (where backend_type = 'client backend' and theirs and state = 'active'),
      count(*) filter (where backend_type = 'client backend' and wait_event_type = 'Lock'),
      count(*) filter (where backend_type is null),
      json_agg(json_build_array(pid, application_name, host(client_addr))) filter (where backend_type = 'walsender'))
    from (select *, application_name not like 'antemortem%' as theirs from pg_stat_get_activity(null)) a)`,
  map: ([total, active, waitingForLock, unseenRows], { hello }) =>
    unseenRows > 0
      ? hidden('pg_stat_activity', hello)
      : { total, active, waitingForLock, maxConnections: hello.maxConnections, reserved: hello.reserved },
})
