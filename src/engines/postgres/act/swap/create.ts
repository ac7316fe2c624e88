import { z } from 'zod'
import { qualified } from '../../rows/sql.ts'
import type { Actor } from '../actor.ts'

/** A table of the user, and the one of ours that is to take its place or that it is kept by. */
export interface Twins {
  readonly schema: string
  readonly table: string
  /** In the same schema. */
  readonly twin: string
}

const sqls = z.array(z.object({ sql: z.string().nullable() }))

/** Columns, defaults and storage come by LIKE; what LIKE leaves out and rows are checked by or stored with is said after it. */
const emptySql = `with c as (select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1::regclass)
  select sql from (
    select 1 as rank, '' as name, format('alter table %I.%I owner to %I', nspname, $2::text, pg_get_userbyid(relowner)) as sql from c
    union all select 2, '', format('alter table %I.%I set (%s)', nspname, $2::text, array_to_string(reloptions, ', '))
      from c where reloptions is not null
    union all select 3, '', format('alter table %I.%I set (%s)', nspname, $2::text,
        (select string_agg('toast.' || o, ', ') from unnest(t.reloptions) o))
      from c, pg_class t where t.oid = c.reltoastrelid and c.reltoastrelid <> 0 and t.reloptions is not null
    union all select 4, k.conname, format('alter table %I.%I add constraint %I %s', nspname, $2::text, k.conname, pg_get_constraintdef(k.oid))
      from c join pg_constraint k on k.conrelid = c.oid where k.contype = 'c') made
  order by rank, name`

/** Those that are not valid serve nobody, and are left behind. */
const indexesSql = `with c as (select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1::regclass),
  x as (select x.*, i.indisunique, k.oid as constraint, pg_get_constraintdef(k.oid) as condef,
      format('%s_i%s', $2::text, row_number() over (order by x.oid)) as name
    from c join pg_index i on i.indrelid = c.oid and i.indisvalid join pg_class x on x.oid = i.indexrelid
    left join pg_constraint k on k.conindid = x.oid and k.conrelid = c.oid and k.contype in ('p', 'u', 'x'))
  select sql from (
    select 1 as rank, x.name, case when x.constraint is null
      then format('create %sindex %I on %I.%I using ', case when x.indisunique then 'unique ' else '' end, x.name, c.nspname, $2::text)
        || substr(pg_get_indexdef(x.oid), 1 + length(format('CREATE %sINDEX %I ON %I.%I USING ',
          case when x.indisunique then 'UNIQUE ' else '' end, x.relname, c.nspname, c.relname)))
      else format('alter table %I.%I add constraint %I %s', c.nspname, $2::text, x.name, x.condef) end as sql from c, x
    union all select 2, x.name, format('alter index %I.%I set (%s)', c.nspname, x.name, array_to_string(x.reloptions, ', '))
      from c, x where x.constraint is not null and x.reloptions is not null) made
  order by rank, name`

/**
 * An empty table like the other one, that no publication carries and no standby gets rows of: an unlogged table is published
 * by nobody, `for all tables` included. Dropped and made again where an earlier attempt left one.
 */
export async function createTwin(actor: Actor, { schema, table, twin }: Twins): Promise<void> {
  await actor.run({ text: `drop table if exists ${qualified(schema, twin)}` })
  await actor.run({
    text: `create unlogged table ${qualified(schema, twin)} (like ${qualified(schema, table)}
      including defaults including generated including storage including comments)`,
  })
  await runAll(actor, emptySql, [qualified(schema, table), twin])
}

/** After the rows: one index is built faster than it grows. A duplicate is told here, while nobody waits for us. */
export async function indexTwin(actor: Actor, { schema, table, twin }: Twins): Promise<void> {
  await runAll(actor, indexesSql, [qualified(schema, table), twin])
  await actor.run({ text: `analyze ${qualified(schema, twin)}` })
}

export async function dropTwin(actor: Actor, { schema, twin }: Pick<Twins, 'schema' | 'twin'>): Promise<void> {
  await actor.run({ text: `drop table if exists ${qualified(schema, twin)}` })
}

/** The oid of a table as text; null where there is none. */
export async function tableOid(actor: Actor, schema: string, table: string): Promise<string | null> {
  const rows = await actor.run({
    text: `select to_regclass($1)::oid::text as oid`,
    values: [qualified(schema, table)],
  })
  return z.object({ oid: z.string().nullable() }).parse(rows[0]).oid
}

async function runAll(actor: Actor, text: string, values: readonly string[]): Promise<void> {
  for (const { sql } of sqls.parse(await actor.run({ text, values }))) if (sql !== null) await actor.run({ text: sql })
}
