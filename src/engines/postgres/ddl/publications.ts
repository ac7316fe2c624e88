import type { DdlSource } from './source.ts'

const operations = `concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
    case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end)`

const columns = `(select ' (' || string_agg(quote_ident(a.attname), ', ' order by a.attnum) || ')' from pg_attribute a
    where r.prattrs is not null and a.attrelid = r.prrelid and a.attnum = any (r.prattrs))`

const listed = `(select string_agg(format('table %s%s%s', r.prrelid::regclass, ${columns},
      ' where (' || pg_get_expr(r.prqual, r.prrelid) || ')'), ', ' order by r.prrelid::regclass::text)
    from pg_publication_rel r where r.prpubid = p.oid)`

const schemas = `(select 'tables in schema ' || string_agg(quote_ident(n.nspname), ', ' order by n.nspname)
    from pg_publication_namespace s join pg_namespace n on n.oid = s.pnnspid where s.pnpubid = p.oid)`

/** 18 also publishes generated columns; the column is absent before. */
const generated = `case to_jsonb(p) ->> 'pubgencols' when 's' then ', publish_generated_columns = stored' else '' end`

/** Publications in every form. The owner is set afterwards: FOR ALL TABLES asks for a superuser only when it is made. */
export const publications: DdlSource = {
  rank: 110,
  sql: `select 'pg_publication/' || p.oid, format('publication %I', p.pubname),
      array[format('create publication %I%s with (publish = %L, publish_via_partition_root = %s%s)', p.pubname,
        case when p.puballtables then ' for all tables'
          else coalesce(' for ' || nullif(concat_ws(', ', ${listed}, ${schemas}), ''), '') end,
        ${operations}, p.pubviaroot::text, ${generated})]
    from pg_publication p`,
}
