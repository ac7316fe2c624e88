import { z } from 'zod'
import type { NodeReader } from './node-reader.ts'
import { readRow } from './node-reader.ts'
import { regclass, treeOf } from './sql.ts'
import { hasOwnPlaces } from './tuple-place.ts'

/** What decides how a column is hashed. Domains are their base types already. */
export interface TypedColumn {
  readonly name: string
  /** `pg_type.typname` of the base type. */
  readonly type: string
  /** `pg_type.typtype`: b base, c composite, e enum, r range, m multirange. */
  readonly kind: string
  /** Made by initdb, so that its oid is the same on every server; for arrays, its element as well. */
  readonly builtIn: boolean
  readonly isArray: boolean
  readonly typmod: number
  /** `pg_attribute.attgenerated`: '' not, s stored, v virtual (18 and later). */
  readonly generated: '' | 's' | 'v'
}

/** A table as one node has it. */
export interface TableShape {
  readonly schema: string
  readonly table: string
  readonly columns: readonly TypedColumn[]
  /** Columns of the primary key, else of another unique index over columns that are not null; empty without one. */
  readonly key: readonly string[]
  /** By what the key's text sorts here: collations with the version of their library. */
  readonly keyOrder: string
  /** By what else the key sorts that is not the same on every server: labels of enums. */
  readonly keyLabels: string
  /** Columns of the key that have a collation. */
  readonly textKey: readonly string[]
  /** There is an index on the key in the order of bytes, which is the same everywhere. */
  readonly hasByteOrder: boolean
  /** Each row lies at a place (`ctid`) of its own. */
  readonly hasOwnPlaces: boolean
  /** Sum of `reltuples` over its leaves; -1 where one was never analysed. */
  readonly rowsEstimated: number
  /** Moves with every change to the columns; for comparison on one node only. */
  readonly stamp: string
}

/** A scalar expression; cheap enough to ride on every comparison. */
export const stampOf = (relation: string): string =>
  `(select hashtextextended(string_agg(concat_ws(' ', attrelid, attnum, attname, atttypid, atttypmod, attgenerated), ',' order by attnum), 0)::text
    from pg_attribute where attrelid = ${relation} and attnum > 0 and not attisdropped)`

/** In an order of which nothing is known: equal on two nodes it says nothing. */
export const unknownOrder = '(unknown)'

/**
 * Bytes have no version; of other collations one without is that of a library that does not tell (musl, macOS). Where another
 * version is recorded than is there, an index of that time may not find what it holds.
 */
const versionOf = (version: string, recorded: string, name: string): string =>
  `case when ${recorded} <> ${version} then '${unknownOrder}'
    else coalesce(${version}, case when ${name} !~* '^(C([.].*)?|POSIX|ucs_basic|pg_c_utf8)$' then '${unknownOrder}' end) end`

/** Collation 100 is the database's own. Another version of its library may sort otherwise. */
const sortedBy = `case when a.attcollation = 100 then
      (select concat_ws(' ', datlocprovider, datcollate, to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale',
        to_jsonb(d) ->> 'daticurules',
        ${versionOf('pg_database_collation_actual_version(oid)', 'datcollversion', 'datcollate')})
      from pg_database d where datname = current_database())
    when a.attcollation <> 0 then
      (select concat_ws(' ', collname, collprovider, collcollate, to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale',
        to_jsonb(c) ->> 'collicurules', ${versionOf('pg_collation_actual_version(oid)', 'collversion', 'coalesce(collcollate, collname)')})
      from pg_collation c where oid = a.attcollation) end`

/** What is made of other types sorts by all of these. */
const labelsOf = `case t.typtype when 'e' then (select string_agg(enumlabel, ' ' order by enumsortorder) from pg_enum where enumtypid = t.oid)
    when 'b' then case when t.oid >= 16384 or t.typelem >= 16384 then (select '${unknownOrder}' where t.typelem <> 0) end
    else '${unknownOrder}' end`

const statement = (schema: string, table: string): string => {
  const relation = regclass(schema, table)
  return `with recursive base(attnum, type, typmod) as (
      select attnum, atttypid, atttypmod from pg_attribute where attrelid = ${relation} and attnum > 0 and not attisdropped
      union all
      select b.attnum, t.typbasetype, t.typtypmod from base b join pg_type t on t.oid = b.type where t.typtype = 'd'),
    key(attnum, place) as (select u.attnum, u.place
      from (select indkey, indnkeyatts from pg_index
        where indrelid = ${relation} and indisunique and indisvalid and indimmediate and indpred is null and indexprs is null
          and not exists (select from unnest(indkey) with ordinality k(attnum, place) join pg_attribute n
            on n.attrelid = indrelid and n.attnum = k.attnum where k.place <= indnkeyatts and not n.attnotnull)
        order by indisprimary desc, indisreplident desc, indnkeyatts, indexrelid limit 1) i,
      unnest(i.indkey) with ordinality u(attnum, place) where u.place <= i.indnkeyatts)
  select (select json_agg(json_build_object('name', a.attname, 'type', t.typname, 'kind', t.typtype,
        'builtIn', t.oid < 16384, 'isArray', t.typsubscript = 'array_subscript_handler'::regproc,
        'typmod', b.typmod, 'generated', a.attgenerated) order by a.attnum)
      from base b join pg_type t on t.oid = b.type and t.typtype <> 'd'
      join pg_attribute a on a.attrelid = ${relation} and a.attnum = b.attnum) as columns,
    (select json_agg(a.attname order by u.place) from key u join pg_attribute a on a.attrelid = ${relation} and a.attnum = u.attnum) as key,
    (select string_agg(${sortedBy}, ',' order by u.place)
      from key u join pg_attribute a on a.attrelid = ${relation} and a.attnum = u.attnum) as order,
    (select string_agg(${labelsOf}, ',' order by u.place)
      from key u join base b on b.attnum = u.attnum join pg_type t on t.oid = b.type and t.typtype <> 'd') as labels,
    (select json_agg(a.attname order by u.place) from key u
      join pg_attribute a on a.attrelid = ${relation} and a.attnum = u.attnum and a.attcollation <> 0) as texts,
    exists (select from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam and m.amname = 'btree'
      where i.indrelid = ${relation} and i.indisvalid and i.indpred is null and i.indexprs is null
        and not exists (select from key u join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum
          where i.indkey[u.place - 1] is distinct from u.attnum
            or a.attcollation <> 0 and i.indcollation[u.place - 1] not in (950, 951))) as bytes,
    ${hasOwnPlaces(relation)} as places,
    (select case when min(c.reltuples) < 0 then -1 else sum(c.reltuples) end::float8
      from ${treeOf(relation)} p join pg_class c on c.oid = p.relid where c.relkind <> 'p') as rows,
    ${stampOf(relation)} as stamp`
}

const row = z.object({
  columns: z
    .array(
      z.object({
        name: z.string(),
        type: z.string(),
        kind: z.string(),
        builtIn: z.boolean(),
        isArray: z.boolean(),
        typmod: z.number(),
        generated: z.enum(['', 's', 'v']),
      }),
    )
    .nullable(),
  key: z.array(z.string()).nullable(),
  order: z.string().nullable(),
  labels: z.string().nullable(),
  texts: z.array(z.string()).nullable(),
  bytes: z.boolean(),
  places: z.boolean().nullable(),
  rows: z.number().nullable(),
  stamp: z.string().nullable(),
})

/** Reads one table's columns and key. Throws `ReadFailed` with 42P01 where the table is absent. */
export async function readTableShape(
  reader: NodeReader,
  name: { readonly schema: string; readonly table: string },
  signal: AbortSignal,
): Promise<TableShape> {
  const { schema, table } = name
  const read = await readRow(reader, { text: statement(schema, table) }, row, signal)
  return {
    schema,
    table,
    columns: read.columns ?? [],
    key: read.key ?? [],
    keyOrder: read.order ?? '',
    keyLabels: read.labels ?? '',
    textKey: read.texts ?? [],
    hasByteOrder: read.bytes,
    hasOwnPlaces: read.places ?? false,
    rowsEstimated: read.rows ?? -1,
    stamp: read.stamp ?? '',
  }
}
