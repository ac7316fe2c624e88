import { z } from 'zod'
import type { TableFact } from '../../../core/facts/postgres/schema.ts'
import { byText, defineReader } from '../reader.ts'

const texts = z
  .array(z.string())
  .nullable()
  .transform((items) => items ?? [])

const column = z.tuple([z.string(), z.string(), z.boolean(), z.string().nullable(), z.string(), z.string()])

const row = z.tuple([
  z.number(),
  z.string(),
  z.string(),
  z.enum(['r', 'p']),
  z.boolean(),
  z.string(),
  z.string(),
  z.enum(['d', 'n', 'f', 'i']),
  z.number(),
  z
    .array(column)
    .nullable()
    .transform((columns) => columns ?? []),
  texts,
  texts,
  texts,
  z.tuple([z.number(), z.number().nullable(), z.record(z.string(), z.number()).nullable()]),
])

/** What is nobody's own table: system and temporary schemas, and what belongs to an extension. */
export const ownTables = `c.relpersistence <> 't' and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
  and not exists (select from pg_depend e where e.classid = 1259 and e.objid = c.oid and e.objsubid = 0 and e.deptype = 'e')`

/**
 * Defaults are deparsed without their table (0): with it, PostgreSQL 17 and later lock the table, and a change under way
 * would hold us up. Only a generated column names other columns and needs it.
 */
const sql = `(select json_agg(json_build_array(c.oid::int8, n.nspname, c.relname, c.relkind, c.relispartition, c.relpersistence,
    pg_get_userbyid(c.relowner), c.relreplident, c.reltuples,
    (select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, case when a.attgenerated = '' then 0 else d.adrelid end), a.attgenerated, a.attidentity)
        order by a.attnum)
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    (select json_agg(pg_get_constraintdef(k.oid)) from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n'),
    (select json_agg(pg_get_indexdef(i.indexrelid)) from pg_index i where i.indrelid = c.oid),
    (select json_agg(a.attname order by u.place) from pg_index i, unnest(i.indkey) with ordinality u(attnum, place), pg_attribute a
      where i.indrelid = c.oid and i.indisprimary and u.place <= i.indnkeyatts
        and a.attrelid = c.oid and a.attnum = u.attnum),
    json_build_array(c.relfilenode::int8, (select t.relfilenode::int8 from pg_class t where t.oid = c.reltoastrelid),
      (select json_object_agg(x.relname, x.relfilenode::int8) from pg_index i join pg_class x on x.oid = i.indexrelid
        where i.indrelid = c.oid))))
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and ${ownTables})`

export const tables = defineReader({
  key: 'tables',
  tier: 'slow',
  schema: z
    .array(row)
    .nullable()
    .transform((rows) => rows ?? []),
  sql,
  map: (rows) =>
    rows
      .map(
        ([
          oid,
          schema,
          name,
          kind,
          isPartition,
          persistence,
          owner,
          identity,
          tuples,
          columns,
          checks,
          indexes,
          key,
          [file, toast, indexFiles],
        ]): TableFact => ({
          oid,
          schema,
          name,
          kind: kind === 'p' ? 'partitioned' : 'table',
          isPartition,
          unlogged: persistence === 'u',
          owner,
          columns: columns.map(([column, type, notNull, expression, generated, identityKind]) => ({
            name: column,
            type,
            notNull,
            default: expression,
            generated: generated !== '',
            identity: identityKind !== '',
          })),
          constraints: checks.toSorted(),
          indexes: indexes.toSorted(),
          primaryKey: key,
          replicaIdentity: identity,
          rowsEstimated: tuples,
          files: { table: file, toast, indexes: indexFiles ?? {} },
        }),
      )
      .sort((a, b) => byText(a.schema, b.schema) || byText(a.name, b.name)),
})
