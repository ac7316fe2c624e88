import { z } from 'zod'
import { ownTables } from '../observe/tables.ts'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRow } from '../rows/node-reader.ts'

const named = { schema: z.string(), table: z.string(), name: z.string() }

const row = z.object({
  constraints: z.array(z.object({ ...named, definition: z.string() })),
  triggers: z.array(z.object(named)),
  collations: z.array(
    z.object({
      collation: z.string(),
      recorded: z.string(),
      actual: z.string(),
      indexes: z.array(z.tuple([z.string(), z.string()])),
    }),
  ),
  foreignKeys: z.array(
    z.object({
      ...named,
      columns: z.array(z.string()),
      parent: z.tuple([z.string(), z.string()]),
      references: z.array(z.string()),
      isValid: z.boolean(),
    }),
  ),
})

/** Objects that promise less than they seem to, as the catalog has them. */
export type DoubtfulObjects = z.output<typeof row>
export type ForeignKey = DoubtfulObjects['foreignKeys'][number]

const own = `join pg_class c on c.oid = o.relid join pg_namespace n on n.oid = c.relnamespace where ${ownTables}`
const list = (select: string): string => `(select coalesce(json_agg(l), '[]') from (${select}) l)`

const columns = (numbers: string, table: string): string =>
  `(select json_agg(a.attname order by u.n) from unnest(${numbers}) with ordinality u(attnum, n)
    join pg_attribute a on a.attrelid = ${table} and a.attnum = u.attnum)`

/** Indexes that sort by a collation: the columns that have it, and for the default one those of a text type. */
const indexesBy = (
  collation: string,
): string => `(select coalesce(json_agg(json_build_array(xn.nspname, x.relname) order by 1::text, x.relname), '[]')
  from pg_index i join pg_class x on x.oid = i.indexrelid join pg_namespace xn on xn.oid = x.relnamespace
  where ${collation} = any (i.indcollation::oid[]) and xn.nspname not like 'pg\\_%')`

const collations = (
  versionNum: number,
): string => `select format('%I.%I', n.nspname, l.collname) as collation, l.collversion as recorded,
    pg_collation_actual_version(l.oid) as actual, ${indexesBy('l.oid')} as indexes
  from pg_collation l join pg_namespace n on n.oid = l.collnamespace
  where l.collversion <> pg_collation_actual_version(l.oid) and l.collprovider in ('c', 'i', 'b')
    and exists (select from pg_depend d where d.refclassid = 'pg_collation'::regclass and d.refobjid = l.oid)
  ${
    versionNum < 150_000
      ? ''
      : `union all select 'the default of the database', b.datcollversion, pg_database_collation_actual_version(b.oid), ${indexesBy("'default'::regcollation")}
    from pg_database b where b.datname = current_database() and b.datcollversion <> pg_database_collation_actual_version(b.oid)`
  }`

const statement = (versionNum: number): string => `select
  ${list(`select n.nspname as schema, c.relname as table, o.conname as name, pg_get_constraintdef(o.oid) as definition
    from (select k.*, conrelid as relid from pg_constraint k where not convalidated and to_jsonb(k) ->> 'conenforced' is distinct from 'false') o ${own} order by 1, 2, 3`)} as constraints,
  ${list(`select n.nspname as schema, c.relname as table, o.tgname as name
    from (select t.*, tgrelid as relid from pg_trigger t where tgenabled = 'D') o ${own} order by 1, 2, 3`)} as triggers,
  ${list(collations(versionNum))} as collations,
  ${list(`select n.nspname as schema, c.relname as table, o.conname as name, ${columns('o.conkey', 'o.conrelid')} as columns,
      (select json_build_array(fn.nspname, f.relname) from pg_class f join pg_namespace fn on fn.oid = f.relnamespace where f.oid = o.confrelid) as parent,
      ${columns('o.confkey', 'o.confrelid')} as references, o.convalidated as "isValid"
    from (select k.*, conrelid as relid from pg_constraint k where contype = 'f' and conparentid = 0
      and to_jsonb(k) ->> 'conenforced' is distinct from 'false' and to_jsonb(k) ->> 'conperiod' is distinct from 'true') o ${own}
    order by o.convalidated, 1, 2, 3`)} as "foreignKeys"`

export const readObjects = async (
  reader: NodeReader,
  versionNum: number,
  signal: AbortSignal,
): Promise<DoubtfulObjects> => readRow(reader, { text: statement(versionNum) }, row, signal)
