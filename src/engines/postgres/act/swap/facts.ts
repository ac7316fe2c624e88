import { z } from 'zod'
import { readRow, type NodeReader } from '../../rows/node-reader.ts'
import type { Statement } from '../../session.ts'
import type { Actor } from '../actor.ts'

/** What decides whether a table can be swapped for another, as the catalog has it: no privilege is needed for it. */
const row = z.object({
  systemId: z.string(),
  database: z.string(),
  isInRecovery: z.boolean(),
  versionNum: z.number(),
  oid: z.string().nullable(),
  kind: z.string().nullable(),
  persistence: z.string().nullable(),
  isPartition: z.boolean(),
  inherits: z.boolean(),
  isTyped: z.boolean(),
  accessMethod: z.string().nullable(),
  extension: z.string().nullable(),
  isOwned: z.boolean(),
  /** Subscriptions of this node that write into it. */
  subscribed: z.array(z.string()),
  /** Publications that would carry any permanent table of its schema. */
  publishes: z.array(z.string()),
  /** Publications that list it. */
  listed: z.array(z.string()),
  /** What depends on it and cannot be carried over, as the server names it. */
  strangers: z.array(z.string()),
  labels: z.number(),
  tablespaces: z.number(),
  invalidIndexes: z.array(z.string()),
  bytes: z.number(),
  rows: z.number(),
  /** In words, what is carried over. */
  carried: z.array(z.string()),
  /** Statements that prove foreign keys again once the swap is over. */
  validate: z.array(z.string()),
})

export type SwapFacts = z.output<typeof row>

const own = `coalesce((select v.relname from pg_class v where v.oid = w.ev_class and v.relkind <> 'm'), '') <> ''`

/** `d` is one thing that depends on the table `t`, by itself or by its row type. */
const isKnown = `(
    d.classid in ('pg_attrdef'::regclass, 'pg_publication_rel'::regclass, 'pg_statistic_ext'::regclass)
    or d.classid = 'pg_type'::regclass and d.deptype = 'i'
    or d.classid = 'pg_class'::regclass and exists (select from pg_class x where x.oid = d.objid and x.relkind in ('i', 'S', 't'))
    or d.classid = 'pg_constraint'::regclass and exists (select from pg_constraint k left join pg_class ch on ch.oid = k.conrelid
      where k.oid = d.objid and (k.conrelid = t.oid or k.contype = 'f' and k.conparentid = 0 and ch.relkind = 'r'))
    or d.classid = 'pg_trigger'::regclass and exists (select from pg_trigger g where g.oid = d.objid and (g.tgrelid = t.oid or g.tgisinternal))
    or d.classid = 'pg_policy'::regclass and exists (select from pg_policy p where p.oid = d.objid and p.polrelid = t.oid)
    or d.classid = 'pg_rewrite'::regclass and exists (select from pg_rewrite w where w.oid = d.objid and ${own}))`

const strangers = `select distinct pg_describe_object(d.classid, d.objid, 0) as what from t join pg_depend d
    on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid where not ${isKnown}
  union select distinct pg_describe_object(d.classid, d.objid, 0) from t join pg_type y on y.oid = t.reltype
    join pg_depend d on d.refclassid = 'pg_type'::regclass and d.refobjid in (y.oid, y.typarray)
    where not (d.classid = 'pg_type'::regclass and d.deptype = 'i') and not (d.classid = 'pg_class'::regclass and d.objid = t.oid)`

const carried = `select format('foreign key %I of %s', k.conname, k.conrelid::regclass) as what
    from t join pg_constraint k on k.contype = 'f' and k.conparentid = 0 and (k.conrelid = t.oid or k.confrelid = t.oid)
  union all select format('trigger %I', g.tgname) from t join pg_trigger g on g.tgrelid = t.oid where not g.tgisinternal
  union all select format('%s %s', case when w.rulename = '_RETURN' then 'view' else 'rule ' || quote_ident(w.rulename) || ' of' end, w.ev_class::regclass)
    from t join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and d.classid = 'pg_rewrite'::regclass
    join pg_rewrite w on w.oid = d.objid group by w.rulename, w.ev_class
  union all select format('policy %I', p.polname) from t join pg_policy p on p.polrelid = t.oid
  union all select format('publication %I', p.pubname) from t join pg_publication_rel r on r.prrelid = t.oid join pg_publication p on p.oid = r.prpubid
  union all select format('sequence %s', d.objid::regclass) from t join pg_depend d on d.refclassid = 'pg_class'::regclass
    and d.refobjid = t.oid and d.classid = 'pg_class'::regclass and d.refobjsubid > 0 join pg_class s on s.oid = d.objid and s.relkind = 'S'
  union all select format('statistics %I', s.stxname) from t join pg_statistic_ext s on s.stxrelid = t.oid
  union all select format('privileges of %s', case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end)
    from t, aclexplode(t.relacl) a where a.grantee <> t.relowner group by a.grantee`

const json = (select: string): string => `(select coalesce(json_agg(what order by what), '[]') from (${select}) l)`

const schemas = (versionNum: number): string =>
  versionNum < 150_000
    ? ''
    : `or exists (select from pg_publication_namespace s, t where s.pnpubid = p.oid and s.pnnspid = t.relnamespace)`

const swapFacts = (versionNum: number, schema: string, table: string): Statement => ({
  text: `with t as (select c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2)
  select (select system_identifier::text from pg_control_system()) as "systemId", current_database()::text as database,
    pg_is_in_recovery() as "isInRecovery", ${versionNum}::int4 as "versionNum",
    (select oid::text from t) as oid, (select relkind::text from t) as kind, (select relpersistence::text from t) as persistence,
    coalesce((select relispartition from t), false) as "isPartition",
    exists (select from pg_inherits, t where inhrelid = t.oid or inhparent = t.oid) as inherits,
    coalesce((select reloftype <> 0 from t), false) as "isTyped",
    (select a.amname::text from pg_am a, t where a.oid = t.relam) as "accessMethod",
    (select e.extname::text from pg_depend d join pg_extension e on e.oid = d.refobjid, t
      where d.classid = 'pg_class'::regclass and d.objid = t.oid and d.deptype = 'e' limit 1) as extension,
    coalesce((select pg_has_role(relowner, 'usage') from t), false) as "isOwned",
    ${json(`select s.subname as what from pg_subscription_rel r join pg_subscription s on s.oid = r.srsubid, t where r.srrelid = t.oid`)} as subscribed,
    ${json(`select p.pubname as what from pg_publication p where p.puballtables ${schemas(versionNum)}`)} as publishes,
    ${json(`select p.pubname as what from pg_publication p join pg_publication_rel r on r.prpubid = p.oid, t where r.prrelid = t.oid`)} as listed,
    ${json(strangers)} as strangers,
    (select count(*)::int4 from pg_seclabel l, t where l.objoid = t.oid and l.classoid = 'pg_class'::regclass) as labels,
    (select count(*)::int4 from t join pg_class x on x.oid = t.oid or x.oid in (select indexrelid from pg_index where indrelid = t.oid)
      where x.reltablespace <> 0) as tablespaces,
    ${json(`select x.relname as what from pg_index i join pg_class x on x.oid = i.indexrelid, t where i.indrelid = t.oid and not i.indisvalid`)} as "invalidIndexes",
    coalesce((select pg_total_relation_size(oid)::float8 from t), 0) as bytes,
    coalesce((select greatest(reltuples, 0)::float8 from t), 0) as rows,
    ${json(carried)} as carried,
    ${json(`select format('alter table %s validate constraint %I', k.conrelid::regclass, k.conname) as what from t join pg_constraint k
      on k.contype = 'f' and k.conparentid = 0 and (k.conrelid = t.oid or k.confrelid = t.oid)
      where k.convalidated and to_jsonb(k) ->> 'conenforced' is distinct from 'false'`)} as validate`,
  values: [schema, table],
})

interface Name {
  readonly schema: string
  readonly table: string
}

const version: Statement = { text: `select current_setting('server_version_num')::int4 as version` }
const versionRow = z.object({ version: z.number() })

/** As the acting role sees it. */
export async function swapFactsByActor(actor: Actor, { schema, table }: Name): Promise<SwapFacts> {
  const { version: versionNum } = versionRow.parse((await actor.run(version))[0])
  return row.parse((await actor.run(swapFacts(versionNum, schema, table)))[0])
}

/** As the reading role sees it: whoever may connect sees all of it. */
export async function swapFactsByReader(
  reader: NodeReader,
  { schema, table }: Name,
  signal: AbortSignal,
): Promise<SwapFacts> {
  const { version: versionNum } = await readRow(reader, version, versionRow, signal)
  return readRow(reader, swapFacts(versionNum, schema, table), row, signal)
}
