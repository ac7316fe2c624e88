import type { DdlSource } from '../source.ts'
import { notOfExtension, ownSchema, relation, withOptions } from '../source.ts'
import { counting } from './sequences.ts'

const generation = `case
    when a.attgenerated <> '' then format(' generated always as (%s) %s', pg_get_expr(d.adbin, d.adrelid),
      case a.attgenerated when 's' then 'stored' else 'virtual' end)
    when a.attidentity <> '' then (select format(' generated %s as identity (sequence name %s %s)',
        case a.attidentity when 'a' then 'always' else 'by default' end, s.seqrelid::regclass, ${counting})
      from pg_depend b join pg_sequence s on s.seqrelid = b.objid
      where b.classid = 'pg_class'::regclass and b.refclassid = 'pg_class'::regclass and b.refobjid = a.attrelid
        and b.refobjsubid = a.attnum and b.deptype = 'i')
    else coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') end`

const column = `format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
    (select format(' collate %I.%I', cn.nspname, l.collname) from pg_collation l join pg_namespace cn on cn.oid = l.collnamespace
      where l.oid = a.attcollation and a.attcollation <> y.typcollation),
    ${generation}, case when a.attnotnull then ' not null' else '' end)`

const columns = `(select string_agg(${column}, ', ' order by a.attnum)
    from pg_attribute a join pg_type y on y.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)`

const body = `case when c.relispartition
    then format(' partition of %s %s', i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid))
    else format(' (%s)', ${columns}) end`

/** What a partition does not take from its parent: a default of its own, and not null. */
const ofItsOwn = `array(select format('alter table only %s alter column %I %s', ${relation}, a.attname, own.words)
    from pg_attribute a
    join pg_attribute b on b.attrelid = i.inhparent and b.attname = a.attname
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join pg_attrdef e on e.adrelid = b.attrelid and e.adnum = b.attnum
    cross join lateral (values
      (case when pg_get_expr(d.adbin, d.adrelid) is distinct from pg_get_expr(e.adbin, e.adrelid) and a.attgenerated = ''
        then coalesce('set default ' || pg_get_expr(d.adbin, d.adrelid), 'drop default') end),
      (case when a.attnotnull and not b.attnotnull then 'set not null' end)) own(words)
    where c.relispartition and a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and own.words is not null
    order by a.attnum, own.words)`

/** A child of plain inheritance is made as a table of its own; that it inherits is counted as left out. */
export const tables: DdlSource = {
  rank: 30,
  sql: `select 'pg_class/' || c.oid, 'table ' || ${relation},
      array[format('create %stable %s%s%s', case c.relpersistence when 'u' then 'unlogged ' else '' end, ${relation}, ${body},
          coalesce(' partition by ' || pg_get_partkeydef(c.oid), '')) || ${withOptions}] || ${ofItsOwn}
        || format('alter table %s owner to %I', ${relation}, pg_get_userbyid(c.relowner))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    left join pg_inherits i on i.inhrelid = c.oid and c.relispartition
    where c.relkind in ('r', 'p') and c.relpersistence <> 't' and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`,
}
