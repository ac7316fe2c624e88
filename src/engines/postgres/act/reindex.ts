import { z } from 'zod'
import { literal, qualified } from '../rows/sql.ts'
import type { Actor } from './actor.ts'

export interface IndexName {
  readonly schema: string
  readonly index: string
}

const look = z.object({
  oid: z.string().nullable(),
  isInRecovery: z.boolean(),
  isOwned: z.boolean(),
  kind: z.string().nullable(),
  isExclusion: z.boolean(),
  isCatalog: z.boolean(),
  systemId: z.string(),
  database: z.string(),
})

export type IndexLook = z.output<typeof look>

const lookSql = `with x as (select c.*, i.indisexclusion, i.indrelid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_index i on i.indexrelid = c.oid where n.nspname = $1 and c.relname = $2)
  select (select oid::text from x) as oid, pg_is_in_recovery() as "isInRecovery", (select relkind::text from x) as kind,
    coalesce((select pg_has_role(relowner, 'usage') from x), false) as "isOwned",
    coalesce((select indisexclusion from x), false) as "isExclusion",
    coalesce((select indrelid < 16384 from x), false) as "isCatalog",
    (select system_identifier::text from pg_control_system()) as "systemId", current_database()::text as database`

export async function lookAtIndex(actor: Actor, { schema, index }: IndexName): Promise<IndexLook> {
  return look.parse((await actor.run({ text: lookSql, values: [schema, index] }))[0])
}

/**
 * Builds the index anew beside the old one: nobody waits but other changes of the schema. It may have to wait itself, for
 * transactions that began before it, and the two seconds of other statements would be too few.
 */
export async function reindex(actor: Actor, { schema, index }: IndexName): Promise<void> {
  await actor.run({ text: 'set lock_timeout = 0' })
  await actor.run({ text: `reindex index concurrently ${qualified(schema, index)}` })
}

const leftovers = `select n.nspname as schema, x.relname as index from pg_index i join pg_class x on x.oid = i.indexrelid
  join pg_namespace n on n.oid = x.relnamespace
  where not i.indisvalid and n.nspname = $1 and starts_with(x.relname::text, left($2, 50)) and x.relname ~ '_cc(new|old)[0-9]*$'
    and i.indrelid = (select o.indrelid from pg_index o join pg_class y on y.oid = o.indexrelid
      where y.relname = $2 and y.relnamespace = n.oid)`

/** What a rebuild that failed has left: every write would pay for it, and no query uses it. */
export async function dropLeftovers(actor: Actor, { schema, index }: IndexName): Promise<readonly string[]> {
  const found = z
    .array(z.object({ schema: z.string(), index: z.string() }))
    .parse(await actor.run({ text: leftovers, values: [schema, index] }))
  for (const each of found) await actor.run({ text: `drop index concurrently ${qualified(each.schema, each.index)}` })
  return found.map((each) => each.index)
}

const definition = z.object({
  table: z.string(),
  columns: z.array(z.string()),
  predicate: z.string().nullable(),
  isUnique: z.boolean(),
})

/** Keys that stand more than once in the table, read without any index: what keeps a unique index from being built. */
export async function duplicates(actor: Actor, { schema, index }: IndexName): Promise<readonly string[]> {
  const [row] = await actor.run({
    text: `select format('%I.%I', tn.nspname, t.relname) as table, i.indisunique as "isUnique",
        (select json_agg(pg_get_indexdef(i.indexrelid, n, true) order by n) from generate_series(1, i.indnkeyatts) n) as columns,
        pg_get_expr(i.indpred, i.indrelid) as predicate
      from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace tn on tn.oid = t.relnamespace
      where i.indexrelid = ${literal(qualified(schema, index))}::regclass`,
  })
  const { table, columns, predicate, isUnique } = definition.parse(row)
  if (!isUnique) return []
  const list = columns.map((column) => `(${column})`).join(', ')
  await actor.run({ text: 'set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off' })
  const rows = await actor.run({
    text: `select row(${list})::text || ' ' || count(*) || ' times' as words from ${table}
      where ${predicate ?? 'true'} and num_nulls(${list}) = 0 group by ${list} having count(*) > 1 order by count(*) desc limit 5`,
  })
  return z
    .array(z.object({ words: z.string() }))
    .parse(rows)
    .map(({ words }) => words)
}
