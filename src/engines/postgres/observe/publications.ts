import { z } from 'zod'
import { byText, defineReader } from '../reader.ts'

const table = z.tuple([z.string(), z.string(), z.array(z.string()).nullable(), z.string().nullable()])

const row = z.tuple([
  z.string(),
  z.boolean(),
  z.array(z.string()).nullable(),
  z.boolean(),
  z.boolean(),
  z.boolean(),
  z.boolean(),
  z.array(table).nullable(),
  z.boolean(),
])

/** Schemas, columns and row filters came with 15. */
const schemas =
  '(select json_agg(n.nspname) from pg_publication_namespace s join pg_namespace n on n.oid = s.pnnspid where s.pnpubid = p.oid)'

/**
 * pg_publication_tables without its locks: since 16 the function behind that view opens every published table, and a change
 * of one under way would hide all others. The rule is the same: a published root stands for its partitions, unless it is
 * published by them.
 */
const sql = (versionNum: number): string => `(with recursive member as (
    select p.oid as pub, p.pubviaroot as root, r.prrelid as rel, ${
      versionNum >= 150_000
        ? 'r.prattrs as columns, r.prqual as filter'
        : 'null::int2[] as columns, null::pg_node_tree as filter'
    }
      from pg_publication p join pg_publication_rel r on r.prpubid = p.oid
    union all
    select p.oid, p.pubviaroot, c.oid, null, null
      from pg_publication p join pg_class c on c.relkind in ('r', 'p') and c.relpersistence = 'p' and c.oid >= 16384
        and (p.puballtables and not (p.pubviaroot and c.relispartition)
          ${versionNum >= 150_000 ? 'or exists (select from pg_publication_namespace s where s.pnpubid = p.oid and s.pnnspid = c.relnamespace)' : ''})),
  part as (
    select pub, root, rel, columns, filter, rel as top from member
    union all
    select t.pub, t.root, i.inhrelid, null, null, t.top from part t join pg_class c on c.oid = t.rel and c.relkind = 'p'
      join pg_inherits i on i.inhparent = t.rel),
  published as (
    select distinct on (t.pub, t.rel) t.pub, t.rel, t.columns, t.filter, t.top from part t join pg_class c on c.oid = t.rel
    where case when t.root then not exists (select from part o where o.pub = t.pub and o.rel = t.rel and o.top <> t.rel)
      else c.relkind = 'r' end
    order by t.pub, t.rel, t.filter nulls last, t.columns nulls last)
  select json_agg(json_build_array(p.pubname, p.puballtables,
    ${versionNum >= 150_000 ? schemas : 'null'},
    p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
    (select json_agg(json_build_array(n.nspname, c.relname,
        (select json_agg(a.attname order by a.attnum) from pg_attribute a
          where t.columns is not null and a.attrelid = t.rel and a.attnum = any (t.columns)),
        pg_get_expr(t.filter, t.rel)))
      from published t join pg_class c on c.oid = t.rel join pg_namespace n on n.oid = c.relnamespace where t.pub = p.oid),
    coalesce(to_jsonb(p) ->> 'pubgencols', 'n') = 's'))
  from pg_publication p)`

export const publications = defineReader({
  key: 'publications',
  tier: 'slow',
  schema: z
    .array(row)
    .nullable()
    .transform((rows) => rows ?? []),
  sql,
  map: (rows) =>
    rows
      .map(([name, allTables, schemas, insert, update, remove, truncate, published, generated]) => ({
        name,
        allTables,
        schemas: (schemas ?? []).toSorted(),
        publishes: { insert, update, delete: remove, truncate },
        tables: (published ?? [])
          .map(([schema, table, columns, rowFilter]) => ({ schema, name: table, columns, rowFilter }))
          .sort((a, b) => byText(a.schema, b.schema) || byText(a.name, b.name)),
        ...(generated && { generatedColumns: true }),
      }))
      .sort((a, b) => byText(a.name, b.name)),
})
