import { z } from 'zod'
import { identifier, qualified } from '../rows/sql.ts'
import type { Actor } from './actor.ts'

/** A table that a publication is to carry, with the names of both ends. */
export interface TableToCarry {
  readonly schema: string
  readonly table: string
  readonly publication: string
  readonly subscription: string
}

const one = <R>(rows: readonly unknown[], schema: z.ZodType<R>): R => schema.parse(rows[0])
const answer = z.object({ is: z.boolean() })

/** Listed by its own name: what `add table` makes and `drop table` takes away, whatever else a publication carries it by. */
export async function isListed(actor: Actor, { schema, table, publication }: TableToCarry): Promise<boolean> {
  const rows = await actor.run({
    text: `select exists (select from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
      join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
      where p.pubname = $1 and n.nspname = $2 and c.relname = $3) as is`,
    values: [publication, schema, table],
  })
  return one(rows, answer).is
}

export async function addToPublication(actor: Actor, { schema, table, publication }: TableToCarry): Promise<void> {
  await actor.run({ text: `alter publication ${identifier(publication)} add table ${qualified(schema, table)}` })
}

export async function dropFromPublication(actor: Actor, { schema, table, publication }: TableToCarry): Promise<void> {
  await actor.run({ text: `alter publication ${identifier(publication)} drop table ${qualified(schema, table)}` })
}

/** `srsubstate` of `pg_subscription_rel`; null while the subscription does not know the table. */
export async function copyState(actor: Actor, what: TableToCarry): Promise<string | null> {
  return (await copyProgress(actor, what)).state
}

export interface CopyProgress {
  readonly state: string | null
  readonly isEnabled: boolean
  /** A worker copies this very table now. */
  readonly atWork: boolean
  /** First copies that failed, of whichever table of this subscription. */
  readonly syncErrors: number
  readonly applyErrors: number
}

/** Subscriptions of other databases stand in the same catalog, under the same names even. */
export async function copyProgress(actor: Actor, { schema, table, subscription }: TableToCarry): Promise<CopyProgress> {
  const rows = await actor.run({
    text: `with t as (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $2 and c.relname = $3)
      select s.subenabled as "isEnabled",
        (select r.srsubstate::text from pg_subscription_rel r, t where r.srsubid = s.oid and r.srrelid = t.oid) as state,
        exists (select from pg_stat_get_subscription(s.oid) w, t where w.relid = t.oid and w.pid is not null) as "atWork",
        coalesce(e.sync_error_count, 0)::int4 as "syncErrors", coalesce(e.apply_error_count, 0)::int4 as "applyErrors"
      from pg_subscription s left join lateral pg_stat_get_subscription_stats(s.oid) e on true
      where s.subname = $1 and s.subdbid = (select oid from pg_database where datname = current_database())`,
    values: [subscription, schema, table],
  })
  const progress = z
    .object({
      state: z.string().nullable(),
      isEnabled: z.boolean(),
      atWork: z.boolean(),
      syncErrors: z.number(),
      applyErrors: z.number(),
    })
    .optional()
  return progress.parse(rows[0]) ?? { state: null, isEnabled: false, atWork: false, syncErrors: 0, applyErrors: 0 }
}

/** Refused inside a transaction block, and speaks to the publisher: for as long as our statement timeout lets it. */
export async function refreshSubscription(actor: Actor, { subscription }: TableToCarry): Promise<void> {
  await actor.run({ text: `alter subscription ${identifier(subscription)} refresh publication` })
}

/** Is there any row? Counting them all is not needed for the answer. */
export async function hasRows(
  actor: Actor,
  { schema, table }: Pick<TableToCarry, 'schema' | 'table'>,
): Promise<boolean> {
  return one(await actor.run({ text: `select exists (select from only ${qualified(schema, table)}) as is` }), answer).is
}

/** What a delete in the table would do elsewhere: none of that is ours to set off. */
export async function setOffByDelete(actor: Actor, { schema, table }: TableToCarry): Promise<readonly string[]> {
  const rows = await actor.run({
    text: `with t as (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2)
      select 'trigger ' || tgname as what from pg_trigger, t
        where tgrelid = t.oid and not tgisinternal and tgenabled in ('O', 'A') and tgtype::int4 & 8 <> 0
      union all select 'rule ' || rulename from pg_rewrite, t where ev_class = t.oid and ev_type = '4'
      union all select 'foreign key ' || conname || ' of ' || conrelid::regclass from pg_constraint, t
        where confrelid = t.oid and conrelid <> t.oid and contype = 'f' and confdeltype not in ('a', 'r')
      order by 1`,
    values: [schema, table],
  })
  return z
    .array(z.object({ what: z.string() }))
    .parse(rows)
    .map(({ what }) => what)
}

/** Only for a table that was empty before its first copy, and that nothing carries any more. */
export async function emptyTable(actor: Actor, { schema, table }: TableToCarry): Promise<void> {
  await actor.run({ text: `delete from only ${qualified(schema, table)}` })
}
