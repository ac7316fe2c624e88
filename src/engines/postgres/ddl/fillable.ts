import { z } from 'zod'
import { AntemortemError } from '../../../core/error.ts'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'
import { notOfExtension, ownSchema } from './source.ts'

/** A column, as far as one must know it to write a value that fits. Domains are their base types already. */
export interface FillableColumn {
  readonly name: string
  /** `pg_type.typname` of the base type. */
  readonly type: string
  /** `pg_type.typtype` of the base type: b base, c composite, e enum, r range, m multirange. */
  readonly kind: string
  /** `pg_type.typcategory` of the base type: S string, N number, A array, … */
  readonly category: string
  /** -1 without one. */
  readonly typmod: number
  readonly notNull: boolean
  readonly hasDefault: boolean
  /** The server writes it itself and takes no value of ours. */
  readonly generated: boolean
  /** Of an enum, in its order. */
  readonly labels: readonly string[]
  /** Number of fields of a composite type. */
  readonly fields: number
}

export interface ForeignKey {
  readonly columns: readonly string[]
  readonly schema: string
  readonly table: string
  readonly references: readonly string[]
}

/** A table that rows can be written into: an ordinary one, or the leaf of a partitioned one. */
export interface FillableTable {
  readonly schema: string
  readonly name: string
  /** The topmost table that this one is a partition of, as `schema` and `name`. */
  readonly root: { readonly schema: string; readonly name: string } | null
  readonly unlogged: boolean
  readonly columns: readonly FillableColumn[]
  readonly primaryKey: readonly string[]
  /** Columns that take part in a unique or exclusion constraint or index. */
  readonly unique: readonly string[]
  readonly foreignKeys: readonly ForeignKey[]
  /** Conditions as the server prints them, each with its columns: check constraints, domains, the bounds of a partition. */
  readonly checks: readonly { readonly columns: readonly string[]; readonly text: string }[]
}

const names = (numbers: string, table: string): string =>
  `(select coalesce(json_agg(x.attname order by u.place), '[]') from unnest(${numbers}) with ordinality u(attnum, place)
    join pg_attribute x on x.attrelid = ${table} and x.attnum = u.attnum)`

const sql = `with recursive base(relid, attnum, type, typmod, "notNull", domain) as (
    select attrelid, attnum, atttypid, atttypmod, attnotnull, null::oid from pg_attribute where attnum > 0 and not attisdropped
      and attrelid >= 16384
    union all
    select b.relid, b.attnum, t.typbasetype, t.typtypmod, b."notNull" or t.typnotnull, t.oid
    from base b join pg_type t on t.oid = b.type where t.typtype = 'd')
  select n.nspname as schema, c.relname as name, c.relpersistence = 'u' as unlogged,
    (select json_build_object('schema', tn.nspname, 'name', t.relname) from pg_class t join pg_namespace tn on tn.oid = t.relnamespace
      where c.relispartition and t.oid = pg_partition_root(c.oid)) as root,
    coalesce((select json_agg(json_build_object('name', a.attname, 'type', t.typname, 'kind', t.typtype, 'category', t.typcategory,
        'typmod', b.typmod, 'notNull', b."notNull", 'hasDefault', a.atthasdef or a.attidentity <> '',
        'generated', a.attgenerated <> '' or a.attidentity = 'a',
        'labels', array(select e.enumlabel from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder),
        'fields', (select count(*) from pg_attribute f where f.attrelid = t.typrelid and f.attnum > 0 and not f.attisdropped))
        order by a.attnum)
      from base b join pg_type t on t.oid = b.type and t.typtype <> 'd' join pg_attribute a on a.attrelid = b.relid and a.attnum = b.attnum
      where b.relid = c.oid), '[]') as columns,
    coalesce((select ${names('k.conkey', 'c.oid')} from pg_constraint k where k.conrelid = c.oid and k.contype = 'p'), '[]') as "primaryKey",
    (select coalesce(json_agg(distinct x.attname), '[]') from pg_index i, unnest(i.indkey) u(attnum), pg_attribute x
      where i.indrelid = c.oid and (i.indisunique or i.indisexclusion) and x.attrelid = c.oid and x.attnum = u.attnum) as "unique",
    (select coalesce(json_agg(json_build_object('columns', ${names('k.conkey', 'c.oid')}, 'schema', fn.nspname, 'table', f.relname,
        'references', ${names('k.confkey', 'f.oid')}) order by k.conname), '[]')
      from pg_constraint k join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
      where k.conrelid = c.oid and k.contype = 'f'
        -- A key that refers to a partitioned table has a row for each of its partitions besides.
        and not exists (select from pg_constraint o where o.oid = k.conparentid and o.conrelid = k.conrelid)) as "foreignKeys",
    (select coalesce(json_agg(json_build_object('columns', columns, 'text', text) order by text), '[]') from (
      select ${names('k.conkey', 'c.oid')} as columns, pg_get_constraintdef(k.oid) as text
        from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'
      union all
      select json_build_array(a.attname), pg_get_constraintdef(k.oid) from base b
        join pg_constraint k on k.contypid = b.domain and k.contype = 'c'
        join pg_attribute a on a.attrelid = b.relid and a.attnum = b.attnum where b.relid = c.oid
      union all
      select (select coalesce(json_agg(a.attname), '[]') from pg_attribute a where a.attrelid = c.oid and a.attnum > 0),
        pg_get_partition_constraintdef(c.oid) where c.relispartition) checks where text is not null) as checks
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence <> 't' and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}
  order by 1, 2`

const strings = z.array(z.string())

const row: z.ZodType<FillableTable> = z.object({
  schema: z.string(),
  name: z.string(),
  unlogged: z.boolean(),
  root: z.object({ schema: z.string(), name: z.string() }).nullable(),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      kind: z.string(),
      category: z.string(),
      typmod: z.number(),
      notNull: z.boolean(),
      hasDefault: z.boolean(),
      generated: z.boolean(),
      labels: strings,
      fields: z.number(),
    }),
  ),
  primaryKey: strings,
  unique: strings,
  foreignKeys: z.array(z.object({ columns: strings, schema: z.string(), table: z.string(), references: strings })),
  checks: z.array(z.object({ columns: strings, text: z.string() })),
})

/** Every table that rows can be written into. Reads the catalog only. */
export async function readFillable(
  { session }: Pick<ReaderSession, 'session'>,
  limits: Limits,
): Promise<readonly FillableTable[]> {
  const answer = await session.run({ text: sql }, limits)
  if (answer.ok) return z.array(row).parse(answer.rows)
  const { message, remedy } = answer.failure
  throw new AntemortemError('catalog-unreadable', `the tables could not be described: ${message}`, remedy)
}
