import { z } from 'zod'
import type { Statement } from '../session.ts'

/** How many sessions there may be, and are. Limits of -1 are none. */
export interface Room {
  readonly maxConnections: number
  /** superuser_reserved_connections and reserved_connections, as far as they are closed to this role. */
  readonly reserved: number
  /** Sessions of clients now, without walsenders: these have places of their own. */
  readonly clients: number
  readonly walsenders: number
  readonly roleLimit: number
  readonly ofRole: number
  readonly databaseLimit: number
  readonly ofDatabase: number
  readonly isSuperuser: boolean
}

/** A table as the session finds it by its name. */
export interface NamedTable {
  /** As it was asked. */
  readonly name: string
  /** Where the name leads; null: nowhere. */
  readonly schema: string | null
  /** What it is there, whatever it is called. */
  readonly oid: number | null
  /** Other schemas that have a table of this name. */
  readonly elsewhere: readonly string[]
  /** Of select, insert, update, delete. */
  readonly rights: readonly string[]
  /** Sequences that its defaults use and this role may not. */
  readonly closedSequences: readonly string[]
}

/** What a session of an application sees around it. */
export interface OwnView {
  readonly user: string
  readonly database: string
  readonly searchPath: string
  /** A plain transaction of it takes no writes. */
  readonly readOnly: boolean
  readonly inRecovery: boolean
  readonly room: Room
  readonly tables: readonly NamedTable[]
  /** Tables of users, in all schemas, that it may insert into, update or delete from. */
  readonly writable: number
}

const rights = ['select', 'insert', 'update', 'delete'] as const
const may = (right: string): string =>
  right === 'delete'
    ? `pg_catalog.has_table_privilege(c.oid, 'delete')`
    : `(pg_catalog.has_table_privilege(c.oid, '${right}') or pg_catalog.has_any_column_privilege(c.oid, '${right}'))`

const isTable = `c.relkind in ('r', 'p', 'v', 'm', 'f')`
const setting = (name: string): string => `coalesce(pg_catalog.current_setting('${name}', true), '0')::pg_catalog.int4`

/**
 * Everything by the catalog, nothing is tried: a write that is rolled back still takes locks, fires triggers, moves sequences and
 * writes WAL. `to_regclass` would fail with an error where the schema is closed; this says that it is.
 * pg_stat_activity shows everybody whose each session is; what kind it is, only to monitors.
 */
const sql = `with client as (
  select a.usename, a.datname, s.pid is not null as walsender
  from pg_catalog.pg_stat_activity a left join pg_catalog.pg_stat_replication s on s.pid = a.pid
  where a.usesysid is not null and (a.backend_type is null or a.backend_type in ('client backend', 'walsender'))
), named as (
  select n.name, n.ord, case when strpos(n.name, '.') > 0 then split_part(n.name, '.', 1) end as schema,
    case when strpos(n.name, '.') > 0 then split_part(n.name, '.', 2) else n.name end as relname
  from pg_catalog.unnest($1::pg_catalog.text[]) with ordinality n (name, ord)
), place as (
  select n.name, n.ord, c.oid, s.nspname, pg_catalog.has_schema_privilege(s.oid, 'usage') as open,
    case when n.schema is null then pg_catalog.pg_table_is_visible(c.oid) else s.nspname = n.schema end as found
  from named n left join pg_catalog.pg_class c on c.relname = n.relname and ${isTable}
  left join pg_catalog.pg_namespace s on s.oid = c.relnamespace
)
select pg_catalog.json_build_object(
  'user', current_user,
  'database', pg_catalog.current_database(),
  'searchPath', pg_catalog.current_setting('search_path'),
  'readOnly', pg_catalog.current_setting('transaction_read_only') = 'on',
  'inRecovery', pg_catalog.pg_is_in_recovery(),
  'room', (select pg_catalog.json_build_object(
    'maxConnections', ${setting('max_connections')},
    'reserved', case when r.rolsuper then 0 else ${setting('superuser_reserved_connections')}
      + case when exists (select 1 from pg_catalog.pg_roles p where p.rolname = 'pg_use_reserved_connections'
        and pg_catalog.pg_has_role(p.oid, 'usage')) then 0 else ${setting('reserved_connections')} end end,
    'clients', (select count(*) from client where not walsender),
    'walsenders', (select count(*) from client where walsender),
    'roleLimit', r.rolconnlimit, 'ofRole', (select count(*) from client where usename = r.rolname),
    'databaseLimit', d.datconnlimit, 'ofDatabase', (select count(*) from client where datname = d.datname),
    'isSuperuser', r.rolsuper)
    from pg_catalog.pg_roles r, pg_catalog.pg_database d
    where r.rolname = session_user and d.datname = pg_catalog.current_database()),
  'tables', (select coalesce(pg_catalog.json_agg(t.shown order by t.ord), '[]'::pg_catalog.json) from (
    select n.ord, pg_catalog.json_build_object('name', n.name, 'schema', max(p.nspname) filter (where p.found and p.open),
      'oid', max(p.oid::pg_catalog.int8) filter (where p.found and p.open),
      'elsewhere', coalesce(pg_catalog.json_agg(p.nspname order by p.nspname) filter (where p.oid is not null
        and not (p.found and p.open)), '[]'::pg_catalog.json),
      'rights', (select coalesce(pg_catalog.json_agg(w.kind), '[]'::pg_catalog.json) from place q
        join pg_catalog.pg_class c on c.oid = q.oid, lateral (values ${rights.map((right) => `('${right}', ${may(right)})`).join(', ')}) w (kind, allowed)
        where q.ord = n.ord and q.found and q.open and w.allowed),
      'closedSequences', (select coalesce(pg_catalog.json_agg(e.nspname || '.' || s.relname), '[]'::pg_catalog.json)
        from place q join pg_catalog.pg_depend u on u.refobjid = q.oid and u.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
          and u.deptype = 'a' and u.classid = u.refclassid
        join pg_catalog.pg_class s on s.oid = u.objid and s.relkind = 'S'
        join pg_catalog.pg_namespace e on e.oid = s.relnamespace
        where q.ord = n.ord and q.found and q.open
          -- Of anything else the question is an error, and the planner may ask it first.
          and case when s.relkind = 'S' then not pg_catalog.has_sequence_privilege(s.oid, 'usage')
            and not pg_catalog.has_sequence_privilege(s.oid, 'update') end)) as shown
    from named n join place p on p.ord = n.ord group by n.ord, n.name) t),
  'writable', (select count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and pg_catalog.has_schema_privilege(n.oid, 'usage') and (${may('insert')} or ${may('update')} or ${may('delete')}))) as seen`

const list = (names: readonly string[]): string =>
  `{${names.map((name) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`

/** What a session sees around it, and these tables. */
export const ownViewStatement = (tables: readonly string[]): Statement => ({ text: sql, values: [list(tables)] })

const row: z.ZodType<{ readonly seen: OwnView }> = z.object({
  seen: z.object({
    user: z.string(),
    database: z.string(),
    searchPath: z.string(),
    readOnly: z.boolean(),
    inRecovery: z.boolean(),
    room: z.object({
      maxConnections: z.number(),
      reserved: z.number(),
      clients: z.number(),
      walsenders: z.number(),
      roleLimit: z.number(),
      ofRole: z.number(),
      databaseLimit: z.number(),
      ofDatabase: z.number(),
      isSuperuser: z.boolean(),
    }),
    tables: z.array(
      z.object({
        name: z.string(),
        schema: z.string().nullable(),
        oid: z.number().nullable(),
        elsewhere: z.array(z.string()),
        rights: z.array(z.string()),
        closedSequences: z.array(z.string()),
      }),
    ),
    writable: z.number(),
  }),
})

/** Null for an answer that is none of ours. */
export const readOwnView = (rows: readonly unknown[]): OwnView | null => {
  const read = row.safeParse(rows[0])
  return read.success ? read.data.seen : null
}
