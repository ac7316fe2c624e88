import { z } from 'zod'
import { byText, defineReader, tooMany } from '../reader.ts'
import { ownTables } from './tables.ts'

const most = 10_000

/** pg_get_triggerdef() locks the table of a trigger with a condition: the digest is made of what stands in the catalog. */
export const triggers = defineReader({
  key: 'triggers',
  tier: 'slow',
  schema: z
    .array(z.tuple([z.string(), z.string(), z.string(), z.enum(['O', 'D', 'R', 'A']), z.string()]))
    .nullable()
    .transform((rows) => rows ?? []),
  sql: `(select json_agg(tg) from (
    select json_build_array(n.nspname, c.relname, t.tgname, t.tgenabled,
      md5(concat_ws('|', f.nspname, p.proname, t.tgtype, encode(t.tgargs, 'hex'), t.tgqual::text, t.tgdeferrable,
        t.tginitdeferred, t.tgoldtable, t.tgnewtable,
        (select string_agg(a.attname, ',' order by a.attname) from pg_attribute a
          where t.tgattr <> '' and a.attrelid = t.tgrelid and a.attnum = any (t.tgattr))))) as tg
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_proc p on p.oid = t.tgfoid join pg_namespace f on f.oid = p.pronamespace
    where not t.tgisinternal and ${ownTables} limit ${most + 1}) g)`,
  map: (rows) =>
    rows.length > most
      ? tooMany('triggers', most)
      : rows
          .map(([schema, table, name, enabled, digest]) => ({ schema, table, name, enabled, digest }))
          .sort((a, b) => byText(a.schema, b.schema) || byText(a.table, b.table) || byText(a.name, b.name)),
})
