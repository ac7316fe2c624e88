import { z } from 'zod'
import type { Actor } from './actor.ts'
import type { TableToCarry } from './carry-table.ts'

const server = { systemId: z.string(), database: z.string(), isInRecovery: z.boolean() }
const serverSql = `(select system_identifier::text from pg_control_system()) as "systemId",
  current_database()::text as database, pg_is_in_recovery() as "isInRecovery"`
const tableSql = `t as (select c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2)`
const isOrdinary = `relkind = 'r' and relpersistence = 'p'`

const publisherRow = z.object({
  ...server,
  table: z.object({ isOrdinary: z.boolean(), isOwned: z.boolean(), hasIdentity: z.boolean() }).nullable(),
  publication: z
    .object({ allTables: z.boolean(), isOwned: z.boolean(), isWhole: z.boolean(), isListed: z.boolean() })
    .nullable(),
})

/** The publishing end, as the acting role sees it. */
export type PublisherLook = z.output<typeof publisherRow>

/** A deferrable primary key is no replica identity. */
const publisherSql = `with ${tableSql}
  select ${serverSql},
    (select json_build_object('isOrdinary', ${isOrdinary}, 'isOwned', pg_has_role(relowner, 'usage'),
        'hasIdentity', relreplident = 'f' or exists (select from pg_index i where indrelid = t.oid and indisvalid
          and indimmediate and case relreplident when 'd' then indisprimary when 'i' then indisreplident else false end))
      from t) as table,
    (select json_build_object('allTables', puballtables, 'isOwned', pg_has_role(pubowner, 'usage'),
        'isWhole', pubinsert and pubupdate and pubdelete,
        'isListed', exists (select from pg_publication_rel, t where prpubid = p.oid and prrelid = t.oid))
      from pg_publication p where pubname = $3) as publication`

export async function lookAtPublisher(actor: Actor, what: TableToCarry): Promise<PublisherLook> {
  const rows = await actor.run({ text: publisherSql, values: [what.schema, what.table, what.publication] })
  return publisherRow.parse(rows[0])
}

const subscriberRow = z.object({
  ...server,
  table: z.object({ isOrdinary: z.boolean() }).nullable(),
  subscription: z
    .object({
      isEnabled: z.boolean(),
      isOwned: z.boolean(),
      slot: z.string().nullable(),
      publications: z.array(z.string()),
      state: z.string().nullable(),
      carries: z.array(z.tuple([z.string(), z.string()])),
    })
    .nullable(),
})

/** The subscribing end, as the acting role sees it. The connection string is never read. */
export type SubscriberLook = z.output<typeof subscriberRow>

const subscriberSql = `with ${tableSql}
  select ${serverSql},
    (select json_build_object('isOrdinary', ${isOrdinary}) from t) as table,
    (select json_build_object('isEnabled', subenabled, 'isOwned', pg_has_role(subowner, 'usage'), 'slot', subslotname,
        'publications', to_json(subpublications),
        'state', (select srsubstate::text from pg_subscription_rel, t where srsubid = s.oid and srrelid = t.oid),
        'carries', (select coalesce(json_agg(json_build_array(n.nspname, c.relname)), '[]') from pg_subscription_rel
          join pg_class c on c.oid = srrelid join pg_namespace n on n.oid = c.relnamespace where srsubid = s.oid))
      from pg_subscription s where subname = $3
        and subdbid = (select oid from pg_database where datname = current_database())) as subscription`

export async function lookAtSubscriber(actor: Actor, what: TableToCarry): Promise<SubscriberLook> {
  const rows = await actor.run({ text: subscriberSql, values: [what.schema, what.table, what.subscription] })
  return subscriberRow.parse(rows[0])
}

/** Does anybody read from this slot? A subscription of another publisher would have its slot elsewhere. */
export async function isConnected(actor: Actor, slot: string): Promise<boolean> {
  const rows = await actor.run({
    text: `select exists (select from pg_replication_slots
      where slot_name = $1 and database = current_database() and active) as is`,
    values: [slot],
  })
  return z.object({ is: z.boolean() }).parse(rows[0]).is
}

/** What a refresh would ask for: `alter subscription … refresh publication` reads the same view on the publisher. */
export async function publishedTables(
  actor: Actor,
  publications: readonly string[],
): Promise<readonly (readonly [string, string])[]> {
  const rows = await actor.run({
    text: `select distinct schemaname::text as schema, tablename::text as name from pg_publication_tables
      where pubname in (select json_array_elements_text($1::json)) order by 1, 2`,
    values: [JSON.stringify(publications)],
  })
  return z
    .array(z.object({ schema: z.string(), name: z.string() }))
    .parse(rows)
    .map(({ schema, name }) => [schema, name] as const)
}

export async function tableExists(actor: Actor, schema: string, table: string): Promise<boolean> {
  const rows = await actor.run({
    text: `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')) as is`,
    values: [schema, table],
  })
  return z.object({ is: z.boolean() }).parse(rows[0]).is
}
