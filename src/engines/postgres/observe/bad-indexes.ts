import { z } from 'zod'
import { byText, defineReader, hidden, tooMany } from '../reader.ts'

const most = 1000

/** Names alone: deparsing an index locks its table, and one that is being built is the very one that a change holds. */
export const badIndexes = defineReader({
  key: 'badIndexes',
  tier: 'slow',
  privilege: 'pg_monitor',
  schema: z.tuple([
    z.number(),
    z
      .array(z.tuple([z.string(), z.string(), z.string(), z.boolean(), z.boolean()]))
      .nullable()
      .transform((rows) => rows ?? []),
  ]),
  // param7: the index, which has no number yet while the table is first scanned without concurrency.
  sql: `(with building as materialized (
      select relid, param7::oid as index from pg_stat_get_progress_info('CREATE INDEX')
      where datid = (select oid from pg_database where datname = current_database()))
    select json_build_array((select count(*) from building where relid is null),
      (select json_agg(json_build_array(nspname, "table", name, indisunique, building)) from (
        select n.nspname, t.relname as "table", c.relname as name, i.indisunique,
          exists (select from building b where b.index = i.indexrelid or b.index = 0 and b.relid = i.indrelid) as building
        from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
        join pg_namespace n on n.oid = c.relnamespace
        where not (i.indisvalid and i.indisready) and c.relpersistence <> 't' limit ${most + 1}) bad)))`,
  map: ([unseenRows, rows], { hello }) => {
    if (rows.length > most) return tooMany('indexes that are not valid', most)
    // Whether it is broken or only not finished, nobody else can tell.
    if (rows.length > 0 && unseenRows > 0) return hidden('pg_stat_progress_create_index', hello)
    return rows
      .map(([schema, table, name, isUnique, isBuilding]) => ({ schema, table, name, isUnique, isBuilding }))
      .sort((a, b) => byText(a.schema, b.schema) || byText(a.name, b.name))
  },
})
