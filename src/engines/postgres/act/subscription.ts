import { z } from 'zod'
import { identifier, literal } from '../rows/sql.ts'
import type { Actor } from './actor.ts'

const row = z.object({
  name: z.string(),
  isEnabled: z.boolean(),
  isOwned: z.boolean(),
  isSuperuser: z.boolean(),
  versionNum: z.number(),
  skipLsn: z.string().nullable(),
  tables: z.array(z.object({ schema: z.string(), table: z.string() })),
})

/** A subscription as its acting role sees it; `skipLsn` null where the server cannot skip (before 15). */
export type SubscriptionLook = z.output<typeof row>

const text = (where: string, skips: boolean): string => `select s.subname::text as name, s.subenabled as "isEnabled",
    pg_has_role(s.subowner, 'usage') as "isOwned",
    (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
    current_setting('server_version_num')::int4 as "versionNum", ${skips ? 's.subskiplsn::text' : 'null'} as "skipLsn",
    (select coalesce(json_agg(json_build_object('schema', n.nspname, 'table', c.relname) order by n.nspname, c.relname), '[]')
      from pg_subscription_rel r join pg_class c on c.oid = r.srrelid join pg_namespace n on n.oid = c.relnamespace
      where r.srsubid = s.oid) as tables
  from pg_subscription s where ${where} and s.subdbid = (select oid from pg_database where datname = current_database())`

/** By name, or by the number in the name of its origin (`pg_16396`); null: there is none in this database. */
export async function lookAtSubscription(actor: Actor, which: string | number): Promise<SubscriptionLook | null> {
  const [version] = await actor.run({ text: `select current_setting('server_version_num')::int4 as num` })
  const skips = z.object({ num: z.number() }).parse(version).num >= 150_000
  const where = typeof which === 'number' ? `s.oid = ${which}` : `s.subname = ${literal(which)}`
  const [found] = await actor.run({ text: text(where, skips) })
  return found === undefined ? null : row.parse(found)
}

export async function switchSubscription(actor: Actor, name: string, way: 'enable' | 'disable'): Promise<void> {
  await actor.run({ text: `alter subscription ${identifier(name)} ${way}` })
}

/** The transaction that ends at this position is left out, all of it; null takes that back while it has not come by. */
export async function skipTransaction(actor: Actor, name: string, lsn: string | null): Promise<void> {
  await actor.run({
    text: `alter subscription ${identifier(name)} skip (lsn = ${lsn === null ? 'none' : literal(lsn)})`,
  })
}

/** Columns of unique indexes, by the indexes' names. */
export async function uniqueColumns(
  actor: Actor,
  { schema, table }: { readonly schema: string; readonly table: string },
): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows = await actor.run({
    text: `select x.relname::text as name, (select json_agg(a.attname order by u.place) from
        unnest(i.indkey::int2[]) with ordinality u(attnum, place) join pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum
        where u.place <= i.indnkeyatts) as columns
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_index i on i.indrelid = c.oid and i.indisunique
        and i.indexprs is null join pg_class x on x.oid = i.indexrelid
      where n.nspname = ${literal(schema)} and c.relname = ${literal(table)} order by x.relname`,
  })
  const parsed = z.array(z.object({ name: z.string(), columns: z.array(z.string()) })).parse(rows)
  return Object.fromEntries(parsed.map(({ name, columns }) => [name, columns]))
}
