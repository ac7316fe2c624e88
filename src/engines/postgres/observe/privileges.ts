import { z } from 'zod'
import { defineReader } from '../reader.ts'
import { ownTables } from './tables.ts'

/** `member` where too much is the question: what it may take by `set role` counts. Predefined roles of 14 are not there before. */
export const privileges = defineReader({
  key: 'privileges',
  tier: 'slow',
  schema: z.tuple([z.string(), z.boolean(), z.boolean(), z.boolean(), z.boolean()]),
  sql: (versionNum) => `json_build_array(current_user,
    coalesce((select rolsuper from pg_roles where rolname = current_user), false),
    pg_has_role('pg_monitor', 'usage'),
    ${versionNum >= 140_000 ? `pg_has_role('pg_read_all_data', 'member')` : 'false'},
    ${versionNum >= 140_000 ? `pg_has_role('pg_write_all_data', 'member') or ` : ''}exists (
      select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and ${ownTables}
        and (pg_has_role(c.relowner, 'member') or has_table_privilege(c.oid, 'insert, update, delete, truncate'))))`,
  map: ([role, superuser, monitor, readAllData, writes]) => ({ role, superuser, monitor, readAllData, writes }),
})
