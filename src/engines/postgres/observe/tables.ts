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

/** So many are a quarter of a second's work for a busy server. */
const page = 2000

/**
 * Set by set, and not table by table: ten thousand tables take a third of the time. Defaults are deparsed without their table
 * (0): with it, PostgreSQL 17 and later lock the table, and a change under way would hold us up. Only a generated column names
 * other columns and needs it.
 */
const sql = `(with own as materialized (
    select c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and ${ownTables} and c.oid > $1::oid order by c.oid limit ${page}),
  columns as (select a.attrelid, json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      pg_get_expr(d.adbin, case when a.attgenerated = '' then 0 else d.adrelid end), a.attgenerated, a.attidentity)
      order by a.attnum) as list
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid in (select oid from own) and a.attnum > 0 and not a.attisdropped group by a.attrelid),
  constraints as (select k.conrelid, json_agg(pg_get_constraintdef(k.oid)) as list
    from pg_constraint k where k.conrelid in (select oid from own) and k.contype <> 'n' group by k.conrelid),
  indexes as (select i.indrelid, json_agg(pg_get_indexdef(i.indexrelid)) as list,
      json_object_agg(x.relname, x.relfilenode::int8) as files
    from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid in (select oid from own) group by i.indrelid),
  keys as (select i.indrelid, json_agg(a.attname order by u.place) as list
    from pg_index i, unnest(i.indkey) with ordinality u(attnum, place), pg_attribute a
    where i.indrelid in (select oid from own) and i.indisprimary and u.place <= i.indnkeyatts
      and a.attrelid = i.indrelid and a.attnum = u.attnum group by i.indrelid)
  select json_agg(json_build_array(c.oid::int8, n.nspname, c.relname, c.relkind, c.relispartition, c.relpersistence,
    pg_get_userbyid(c.relowner), c.relreplident, c.reltuples, columns.list, constraints.list, indexes.list, keys.list,
    json_build_array(c.relfilenode::int8, t.relfilenode::int8, indexes.files)))
  from own c join pg_namespace n on n.oid = c.relnamespace
    left join columns on columns.attrelid = c.oid
    left join constraints on constraints.conrelid = c.oid
    left join indexes on indexes.indrelid = c.oid
    left join keys on keys.indrelid = c.oid
    left join pg_class t on t.oid = c.reltoastrelid and c.reltoastrelid <> 0)`

export const tables = defineReader({
  key: 'tables',
  tier: 'slow',
  page,
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
