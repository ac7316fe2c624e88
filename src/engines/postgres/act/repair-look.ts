import { z } from 'zod'
import { literal, regclass, treeOf } from '../rows/sql.ts'
import type { Actor } from './actor.ts'

/** The node that is to be written, as the acting role sees it. */
export interface TargetLook {
  readonly systemId: string
  readonly database: string
  readonly isInRecovery: boolean
  readonly versionNum: number
  readonly role: string
  readonly isSuperuser: boolean
  /** It may switch ordinary triggers and foreign keys off. */
  readonly mayReplicate: boolean
  /** It may mark what it writes with a replication origin. */
  readonly mayOriginate: boolean
  /** Logical slots of this database: whoever reads them is sent what is published. */
  readonly slots: readonly string[]
}

const serverRow = z.object({
  systemId: z.string(),
  database: z.string(),
  isInRecovery: z.boolean(),
  versionNum: z.number(),
  role: z.string(),
  isSuperuser: z.boolean(),
})
const mayRow = z.object({ mayReplicate: z.boolean(), mayOriginate: z.boolean(), slots: z.array(z.string()) })

const originFunctions = [
  'pg_replication_origin_create(text)',
  'pg_replication_origin_session_setup(text)',
  'pg_replication_origin_session_reset()',
  'pg_replication_origin_drop(text)',
] as const

/** What lets a role do what only a superuser may do by itself. */
export const grantsOf = {
  replicate: (role: string): string => `grant set on parameter session_replication_role to ${role}`,
  originate: (role: string): string => `grant execute on function ${originFunctions.join(', ')} to ${role}`,
} as const

export async function lookAtTarget(actor: Actor): Promise<TargetLook> {
  const [server] = await actor.run({
    text: `select (select system_identifier::text from pg_control_system()) as "systemId",
      current_database()::text as database, pg_is_in_recovery() as "isInRecovery",
      current_setting('server_version_num')::int4 as "versionNum", quote_ident(current_user) as role,
      (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser"`,
  })
  const seen = serverRow.parse(server)
  // Privileges on settings exist from 15 on; the functions asked for a superuser by themselves before 14.
  const replicate = seen.versionNum >= 150_000 ? `has_parameter_privilege('session_replication_role', 'set')` : 'false'
  const originate =
    seen.versionNum >= 140_000
      ? originFunctions.map((name) => `has_function_privilege('${name}', 'execute')`).join(' and ')
      : 'false'
  const [may] = await actor.run({
    text: `select ${seen.isSuperuser} or ${replicate} as "mayReplicate", ${seen.isSuperuser} or (${originate}) as "mayOriginate",
      (select coalesce(json_agg(slot_name order by slot_name), '[]') from pg_replication_slots
        where slot_type = 'logical' and database = current_database()) as slots`,
  })
  return { ...seen, ...mayRow.parse(may) }
}

const foreignKey = z.object({
  name: z.string(),
  isParent: z.boolean(),
  /** The other table may be read by the acting role. */
  isReadable: z.boolean(),
  childSchema: z.string(),
  child: z.string(),
  childColumns: z.array(z.string()),
  childTypes: z.array(z.string()),
  parentSchema: z.string(),
  parent: z.string(),
  parentColumns: z.array(z.string()),
  onDelete: z.string(),
  onUpdate: z.string(),
})

/** `pg_constraint` with contype f: `isParent` where the table is the one that is referred to. */
export type ForeignKey = z.output<typeof foreignKey>

const tableRow = z.object({
  kind: z.string(),
  isPermanent: z.boolean(),
  isInherited: z.boolean(),
  may: z.array(z.string()),
  hasPolicy: z.boolean(),
  hasIdentity: z.boolean(),
  uniques: z.array(z.array(z.string())),
  columns: z.array(
    z.object({
      name: z.string(),
      notNull: z.boolean(),
      hasDefault: z.boolean(),
      identity: z.string(),
      generated: z.string(),
    }),
  ),
  triggers: z.array(z.object({ name: z.string(), enabled: z.string(), event: z.string(), calls: z.string() })),
  rules: z.array(z.object({ name: z.string(), enabled: z.string() })),
  foreignKeys: z.array(foreignKey),
  sequences: z.array(z.object({ name: z.string(), column: z.string(), last: z.string().nullable() })),
  publications: z.array(z.object({ name: z.string(), insert: z.boolean(), update: z.boolean(), delete: z.boolean() })),
})

/** A table that is to be written, and all that a write in it would set off. */
export type TableLook = z.output<typeof tableRow>

const namesOf = (relation: string, numbers: string, what = 'a.attname'): string =>
  `(select coalesce(json_agg(${what} order by u.place), '[]') from unnest(${numbers}) with ordinality u(attnum, place)
    join pg_attribute a on a.attrelid = ${relation} and a.attnum = u.attnum)`

/** A leaf is published by the name of its root where `publish_via_partition_root` says so. */
const tableText = (schema: string, table: string): string => {
  const self = `${regclass(schema, table)}::oid`
  const tree = `(select relid from ${treeOf(regclass(schema, table))} d union select relid from pg_partition_ancestors(${regclass(schema, table)}))`
  return `select c.relkind::text as kind, c.relpersistence = 'p' as "isPermanent",
    exists (select from pg_inherits i join pg_class p on p.oid = i.inhparent where i.inhparent = c.oid and p.relkind = 'r') as "isInherited",
    (select coalesce(json_agg(p), '[]') from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p
      where has_schema_privilege(c.relnamespace, 'usage') and has_table_privilege(c.oid, p)) as may,
    row_security_active(c.oid) as "hasPolicy",
    c.relreplident = 'f' or exists (select from pg_index i where indrelid = c.oid and indisvalid and indimmediate
      and case c.relreplident when 'd' then indisprimary when 'i' then indisreplident else false end) as "hasIdentity",
    (select coalesce(json_agg(${namesOf('c.oid', 'i.indkey::int2[]')}), '[]') from pg_index i
      where i.indrelid = c.oid and i.indisunique) as uniques,
    (select json_agg(json_build_object('name', attname, 'notNull', attnotnull, 'hasDefault', atthasdef,
        'identity', attidentity, 'generated', attgenerated) order by attnum)
      from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
    (select coalesce(json_agg(json_build_object('name', tgname, 'enabled', tgenabled, 'calls', tgfoid::regproc::text,
        'event', concat_ws(' or ', case when tgtype::int4 & 4 <> 0 then 'insert' end, case when tgtype::int4 & 8 <> 0 then 'delete' end,
          case when tgtype::int4 & 16 <> 0 then 'update' end)) order by tgname), '[]')
      from pg_trigger where tgrelid in ${tree} and not tgisinternal and tgenabled <> 'D' and tgtype::int4 & 28 <> 0) as triggers,
    (select coalesce(json_agg(json_build_object('name', rulename, 'enabled', ev_enabled) order by rulename), '[]')
      from pg_rewrite where ev_class = c.oid and ev_enabled <> 'D' and ev_type in ('2', '3', '4')) as rules,
    (select coalesce(json_agg(json_build_object('name', f.conname, 'isParent', f.confrelid = c.oid,
        'isReadable', has_schema_privilege(cn.oid, 'usage') and has_schema_privilege(pn.oid, 'usage')
          and has_table_privilege(f.conrelid, 'select') and has_table_privilege(f.confrelid, 'select'),
        'childSchema', cn.nspname, 'child', cc.relname, 'childColumns', ${namesOf('f.conrelid', 'f.conkey')},
        'childTypes', ${namesOf('f.conrelid', 'f.conkey', 'format_type(a.atttypid, a.atttypmod)')},
        'parentSchema', pn.nspname, 'parent', pc.relname, 'parentColumns', ${namesOf('f.confrelid', 'f.confkey')},
        'onDelete', f.confdeltype, 'onUpdate', f.confupdtype) order by f.conname), '[]')
      from pg_constraint f join pg_class cc on cc.oid = f.conrelid join pg_namespace cn on cn.oid = cc.relnamespace
        join pg_class pc on pc.oid = f.confrelid join pg_namespace pn on pn.oid = pc.relnamespace
      where f.contype = 'f' and f.conparentid = 0 and c.oid in (f.conrelid, f.confrelid)) as "foreignKeys",
    (select coalesce(json_agg(json_build_object('name', format('%I.%I', sn.nspname, s.relname), 'column', a.attname,
        'last', case when has_sequence_privilege(s.oid, 'select') then pg_sequence_last_value(s.oid)::text end)), '[]')
      from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace sn on sn.oid = s.relnamespace
        join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where d.refobjid = c.oid and d.deptype in ('a', 'i') and d.classid = 'pg_class'::regclass) as sequences,
    (select coalesce(json_agg(json_build_object('name', p.pubname, 'insert', p.pubinsert, 'update', p.pubupdate,
        'delete', p.pubdelete) order by p.pubname), '[]')
      from pg_publication p where exists (select from pg_publication_tables l join pg_namespace ln on ln.nspname = l.schemaname
        join pg_class lc on lc.relnamespace = ln.oid and lc.relname = l.tablename
        where l.pubname = p.pubname and lc.oid in ${tree})) as publications
  from pg_class c where c.oid = ${self}`
}

/** null: there is no such table. */
export async function lookAtTable(actor: Actor, schema: string, table: string): Promise<TableLook | null> {
  const there = await actor.run({
    text: `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${literal(schema)} and c.relname = ${literal(table)}) as is`,
  })
  if (!z.object({ is: z.boolean() }).parse(there[0]).is) return null
  const [row] = await actor.run({ text: tableText(schema, table) })
  return tableRow.parse(row)
}
