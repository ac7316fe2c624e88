/**
 * Edges (key, needs) between objects by their keys. pg_depend speaks of parts (a default, a view's rule, an array type, an
 * index behind a constraint): each stands for what is made in one statement with it.
 * https://www.postgresql.org/docs/current/catalog-pg-depend.html
 */
export const dependencies = `with part(classid, objid, key) as (
    select 'pg_attrdef'::regclass, oid, 'pg_class/' || adrelid from pg_attrdef
    union all select 'pg_rewrite'::regclass, oid, 'pg_class/' || ev_class from pg_rewrite
    union all select 'pg_class'::regclass, conindid, 'pg_constraint/' || oid from pg_constraint
      where contype in ('p', 'u', 'x') and conindid <> 0
    union all select 'pg_constraint'::regclass, oid, 'pg_type/' || contypid from pg_constraint where contypid <> 0
    union all select 'pg_class'::regclass, oid, 'pg_type/' || reltype from pg_class where relkind = 'c'
    union all select 'pg_type'::regclass, t.oid, 'pg_class/' || t.typrelid from pg_type t join pg_class c on c.oid = t.typrelid
      where c.relkind <> 'c'
    union all select 'pg_type'::regclass, e.typarray, coalesce('pg_class/' || c.oid, 'pg_type/' || e.oid) from pg_type e
      left join pg_class c on c.oid = e.typrelid and c.relkind <> 'c' where e.typarray <> 0
    union all select 'pg_type'::regclass, rngmultitypid, 'pg_type/' || rngtypid from pg_range),
  edge as (
    select coalesce(a.key, d.classid::regclass || '/' || d.objid) as key, coalesce(b.key, d.refclassid::regclass || '/' || d.refobjid) as needs
    from pg_depend d
    left join part a on a.classid = d.classid and a.objid = d.objid
    left join part b on b.classid = d.refclassid and b.objid = d.refobjid
    where d.deptype in ('n', 'a', 'i', 'P', 'S') and d.objid >= 16384 and d.refobjid >= 2200
      -- A serial column's sequence is owned by it, and its default calls it: the default decides.
      and not (d.deptype = 'a' and d.refobjsubid > 0 and exists (select from pg_class s where s.oid = d.objid and s.relkind = 'S')))
  select distinct key, needs from edge where key <> needs order by key, needs`
