import { z } from 'zod'
import { defineReader, hidden } from '../reader.ts'

/** Every backend marks for itself, when it reads the files, what it could not take over. */
export const pendingRestart = defineReader({
  key: 'pendingRestart',
  tier: 'slow',
  privilege: 'pg_monitor',
  schema: z.tuple([z.boolean(), z.array(z.string()).nullable()]),
  sql: `json_build_array(pg_has_role('pg_read_all_settings', 'usage'),
    (select json_agg(name) from pg_show_all_settings() where pending_restart))`,
  // Without the privilege rows are missing.
  map: ([all, names], { hello }) => (all ? (names ?? []).toSorted() : hidden('pg_settings', hello)),
})
