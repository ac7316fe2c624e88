import { counting } from '../../ddl/sources/sequences.ts'

/**
 * A part of what is to be carried from one table to another of the same columns, as a select of (sql). In scope: `o`, the
 * table that goes, and `i`, the one that comes; `named.kept` is the name that the first will have. Written for
 * `search_path = pg_catalog`, so that every name is printed with its schema.
 */
interface Part {
  /** `strip` before the two change names, `dress` after it, `later` once that is committed. */
  readonly when: 'strip' | 'dress' | 'later'
  readonly sql: string
}

const grantee = (alias: string): string =>
  `case when ${alias}.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(${alias}.grantee)) end`

const grantees = (table: string): string => `lateral (select distinct a.grantee from (
    select ${table}.relacl as acl union all select attacl from pg_attribute where attrelid = ${table}.oid) l, aclexplode(l.acl) a
  where a.grantee <> ${table}.relowner) a`

/** The definition of an index behind its own name and that of its table, and of its constraint: what a twin has as well. */
const indexesOf = (
  table: string,
): string => `lateral (select x.oid, x.relname, x.relnamespace, def, condef, row_number() over (partition by def, condef order by x.oid) as n
    from pg_index ix join pg_class x on x.oid = ix.indexrelid
    join pg_class t on t.oid = ix.indrelid join pg_namespace tn on tn.oid = t.relnamespace
    left join pg_constraint k on k.conindid = x.oid and k.conrelid = t.oid and k.contype in ('p', 'u', 'x'),
    lateral (select substr(pg_get_indexdef(x.oid), 1 + length(format('CREATE %sINDEX %I ON %I.%I USING ',
        case when ix.indisunique then 'UNIQUE ' else '' end, x.relname, tn.nspname, t.relname))) as def,
      coalesce(pg_get_constraintdef(k.oid), '') as condef) d
    where ix.indrelid = ${table}.oid and ix.indisvalid)`

/** An own trigger or rule as it fires: enabled as it was. */
const fires = (state: string, kind: string, name: string): string => `case ${state}
    when 'D' then format('alter table %s disable ${kind} %I', o.name, ${name})
    when 'R' then format('alter table %s enable replica ${kind} %I', o.name, ${name})
    when 'A' then format('alter table %s enable always ${kind} %I', o.name, ${name}) end`

const foreignKeys = `o, pg_constraint k where k.contype = 'f' and k.conparentid = 0 and (k.conrelid = o.oid or k.confrelid = o.oid)`
const isEnforced = `to_jsonb(k) ->> 'conenforced' is distinct from 'false'`

const identity = `o join pg_attribute a on a.attrelid = o.oid and a.attidentity <> ''
  join pg_depend b on b.classid = 'pg_class'::regclass and b.refclassid = 'pg_class'::regclass and b.refobjid = o.oid
    and b.refobjsubid = a.attnum and b.deptype = 'i'
  join pg_sequence s on s.seqrelid = b.objid join pg_class sc on sc.oid = s.seqrelid`

const rulesOf = `pg_rewrite w join pg_class v on v.oid = w.ev_class join pg_namespace vn on vn.oid = v.relnamespace`

/** Rules of other relations that speak of the table: a view is one. */
const elsewhere = `o, ${rulesOf} where v.oid <> o.oid and exists (select from pg_depend d where d.classid = 'pg_rewrite'::regclass
    and d.objid = w.oid and d.refclassid = 'pg_class'::regclass and d.refobjid = o.oid)`

const strip: readonly string[] = [
  `select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname) from ${foreignKeys}`,
  `select format('alter publication %I drop table %s', p.pubname, o.name)
    from o join pg_publication_rel r on r.prrelid = o.oid join pg_publication p on p.oid = r.prpubid`,
  `select format('drop trigger %I on %s', t.tgname, o.name) from o join pg_trigger t on t.tgrelid = o.oid where not t.tgisinternal`,
  `select format('drop rule %I on %s', w.rulename, o.name) from o join pg_rewrite w on w.ev_class = o.oid`,
  `select format('drop policy %I on %s', p.polname, o.name) from o join pg_policy p on p.polrelid = o.oid`,
  `select format('drop statistics %I.%I', n.nspname, s.stxname)
    from o join pg_statistic_ext s on s.stxrelid = o.oid join pg_namespace n on n.oid = s.stxnamespace`,
  `select format('alter table %s alter column %I drop identity', o.name, a.attname) from ${identity}`,
  `select format('alter index %I.%I rename to %I', o.nspname, x.relname, (select kept from named) || '_i' || row_number() over (order by x.oid))
    from o, pg_class x join pg_index ix on ix.indexrelid = x.oid where ix.indrelid = o.oid`,
  `select format('revoke all on table %s from %s', o.name, ${grantee('a')}) from o, ${grantees('o')}`,
]

const dress = (versionNum: number): readonly string[] => [
  `select format('alter table %s owner to %I', o.name, pg_get_userbyid(o.relowner)) from o`,
  `select format('revoke all on table %s from %s', o.name, ${grantee('a')}) from o, i, ${grantees('i')}`,
  `select format('revoke all on table %s from %I', o.name, pg_get_userbyid(o.relowner)) from o where o.relacl is not null`,
  `select format('grant all on table %s to %I', o.name, pg_get_userbyid(o.relowner)) from o where o.relacl is null`,
  `select format('grant %s on table %s to %s%s', a.privilege_type, o.name, ${grantee('a')},
      case when a.is_grantable then ' with grant option' else '' end) from o, aclexplode(o.relacl) a`,
  `select format('grant %s (%I) on table %s to %s%s', a.privilege_type, c.attname, o.name, ${grantee('a')},
      case when a.is_grantable then ' with grant option' else '' end)
    from o join pg_attribute c on c.attrelid = o.oid and not c.attisdropped, aclexplode(c.attacl) a`,
  `select format('alter index %I.%I rename to %I', o.nspname, y.relname, x.relname)
    from o, i, ${indexesOf('o')} x, ${indexesOf('i')} y where y.def = x.def and y.condef = x.condef and y.n = x.n`,
  `select format('comment on index %I.%I is %L', o.nspname, x.relname, obj_description(x.oid, 'pg_class'))
    from o join pg_index ix on ix.indrelid = o.oid join pg_class x on x.oid = ix.indexrelid
    where obj_description(x.oid, 'pg_class') is not null and ix.indisvalid`,
  `select format('alter index %I.%I alter column %s set statistics %s', o.nspname, x.relname, a.attnum, a.attstattarget)
    from o join pg_index ix on ix.indrelid = o.oid join pg_class x on x.oid = ix.indexrelid
    join pg_attribute a on a.attrelid = x.oid where ix.indisvalid and coalesce(a.attstattarget, -1) >= 0`,
  `select format('alter table %s replica identity %s', o.name, case o.relreplident when 'd' then 'default' when 'n' then 'nothing'
      when 'f' then 'full' else (select format('using index %I', x.relname) from pg_index ix join pg_class x on x.oid = ix.indexrelid
        where ix.indrelid = o.oid and ix.indisreplident) end) from o`,
  `select format('alter table %s cluster on %I', o.name, x.relname) from o join pg_index ix on ix.indrelid = o.oid and ix.indisclustered
    join pg_class x on x.oid = ix.indexrelid`,
  `select format('alter table %s alter column %I set statistics %s', o.name, a.attname, a.attstattarget)
    from o join pg_attribute a on a.attrelid = o.oid where a.attnum > 0 and not a.attisdropped and coalesce(a.attstattarget, -1) >= 0`,
  `select format('alter table %s alter column %I set (%s)', o.name, a.attname, array_to_string(a.attoptions, ', '))
    from o join pg_attribute a on a.attrelid = o.oid where a.attoptions is not null and not a.attisdropped`,
  `select format('comment on table %s is %L', o.name, obj_description(o.oid, 'pg_class')) from o
    where obj_description(o.oid, 'pg_class') is not null`,
  `select format('alter table %s enable row level security', o.name) from o where o.relrowsecurity`,
  `select format('alter table %s force row level security', o.name) from o where o.relforcerowsecurity`,
  `select format('create policy %I on %s as %s for %s to %s%s%s', p.polname, o.name,
      case when p.polpermissive then 'permissive' else 'restrictive' end,
      case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
      (select string_agg(case when r = 0 then 'public' else quote_ident(pg_get_userbyid(r)) end, ', ') from unnest(p.polroles) r),
      coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''),
      coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''))
    from o join pg_policy p on p.polrelid = o.oid`,
  `select pg_get_ruledef(w.oid) from o join pg_rewrite w on w.ev_class = o.oid`,
  `select ${fires('w.ev_enabled', 'rule', 'w.rulename')} from o join pg_rewrite w on w.ev_class = o.oid`,
  `select pg_get_triggerdef(t.oid) from o join pg_trigger t on t.tgrelid = o.oid where not t.tgisinternal`,
  `select ${fires('t.tgenabled', 'trigger', 't.tgname')} from o join pg_trigger t on t.tgrelid = o.oid where not t.tgisinternal`,
  `select format('comment on trigger %I on %s is %L', t.tgname, o.name, obj_description(t.oid, 'pg_trigger'))
    from o join pg_trigger t on t.tgrelid = o.oid where not t.tgisinternal and obj_description(t.oid, 'pg_trigger') is not null`,
  `select pg_get_statisticsobjdef(s.oid) from o join pg_statistic_ext s on s.stxrelid = o.oid`,
  `select format('alter statistics %I.%I owner to %I', n.nspname, s.stxname, pg_get_userbyid(s.stxowner))
    from o join pg_statistic_ext s on s.stxrelid = o.oid join pg_namespace n on n.oid = s.stxnamespace`,
  `select format('alter statistics %I.%I set statistics %s', n.nspname, s.stxname, s.stxstattarget)
    from o join pg_statistic_ext s on s.stxrelid = o.oid join pg_namespace n on n.oid = s.stxnamespace
    where coalesce(s.stxstattarget, -1) >= 0`,
  `select format('alter table %s alter column %I add generated %s as identity (sequence name %s %s)', o.name, a.attname,
      case a.attidentity when 'a' then 'always' else 'by default' end, s.seqrelid::regclass, ${counting}) from ${identity}`,
  `select format('grant %s on sequence %s to %s', g.privilege_type, s.seqrelid::regclass, ${grantee('g')})
    from ${identity}, aclexplode(sc.relacl) g`,
  `select format('alter sequence %s owned by %s.%I', s.oid::regclass, o.name, a.attname)
    from o join pg_depend b on b.classid = 'pg_class'::regclass and b.refclassid = 'pg_class'::regclass and b.refobjid = o.oid
      and b.deptype = 'a' and b.refobjsubid > 0
    join pg_class s on s.oid = b.objid and s.relkind = 'S' join pg_attribute a on a.attrelid = o.oid and a.attnum = b.refobjsubid`,
  `select format('alter table %s add constraint %I %s%s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid),
      case when k.convalidated and ${isEnforced} then ' not valid' else '' end) from ${foreignKeys}`,
  `select format('comment on constraint %I on %s is %L', k.conname, k.conrelid::regclass, obj_description(k.oid, 'pg_constraint'))
    from o join pg_constraint k on k.conrelid = o.oid or k.confrelid = o.oid where obj_description(k.oid, 'pg_constraint') is not null`,
  `select format('create or replace view %I.%I%s as %s', vn.nspname, v.relname,
      coalesce(' with (' || array_to_string(v.reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(v.oid), ';'))
    from ${elsewhere} and v.relkind = 'v' and w.rulename = '_RETURN'`,
  `select regexp_replace(pg_get_ruledef(w.oid), '^CREATE RULE', 'CREATE OR REPLACE RULE') from ${elsewhere} and w.rulename <> '_RETURN'`,
  `select format('alter publication %I add table %s', p.pubname, o.name) ${versionNum < 150_000 ? '' : listed}
    from o join pg_publication_rel r on r.prrelid = o.oid join pg_publication p on p.oid = r.prpubid`,
]

/** Which columns and rows of it are published, from 15 on. */
const listed = `|| case when r.prattrs is null then '' else (select format(' (%s)', string_agg(quote_ident(a.attname), ', ' order by a.attnum))
      from pg_attribute a where a.attrelid = o.oid and a.attnum = any (r.prattrs)) end
    || case when r.prqual is null then '' else format(' where (%s)', pg_get_expr(r.prqual, r.prrelid)) end`

/** It scans both tables, and would keep writers waiting: done when the swap is over. */
const later: readonly string[] = [
  `select format('alter table %s validate constraint %I', k.conrelid::regclass, k.conname)
    from ${foreignKeys} and k.convalidated and ${isEnforced}`,
]

const partsOf = (versionNum: number): readonly Part[] => [
  ...strip.map((sql) => ({ when: 'strip' as const, sql })),
  ...dress(versionNum).map((sql) => ({ when: 'dress' as const, sql })),
  ...later.map((sql) => ({ when: 'later' as const, sql })),
]

const outgoing = `select c.*, n.nspname, format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1::oid`

/** All statements in their order; values: the oid of the table that goes, of the one that comes, and the name it is kept by. */
export const carriedSql = (
  versionNum: number,
): string => `with o as (${outgoing}), i as (select * from pg_class where oid = $2::oid),
    named as (select $3::text as kept)
  select "when", sql from (
${partsOf(versionNum)
  .map(({ when, sql }, rank) => `select ${rank} as rank, '${when}' as "when", made.sql from (${sql}) made(sql)`)
  .join('\nunion all\n')}
  ) every where sql is not null order by rank, sql`

/** Of the identity columns, the sequences whose place goes with them. */
export const identitySql = `with o as (${outgoing}) select s.seqrelid::regclass::text as sequence from ${identity} order by 1`

/** Indexes of the table that goes for which the other one has no twin. */
export const withoutTwinSql = `with o as (${outgoing}), i as (select * from pg_class where oid = $2::oid)
  select x.relname as name from o, ${indexesOf('o')} x
  where not exists (select from i, ${indexesOf('i')} y where y.def = x.def and y.condef = x.condef and y.n = x.n) order by 1`
