import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { identifier, literal, qualified } from '../../rows/sql.ts'
import type { Actor } from '../actor.ts'
import { carriedSql, identitySql, withoutTwinSql } from './definitions.ts'
import { tableOid } from './create.ts'

export interface Exchange {
  readonly schema: string
  /** The name that both want. */
  readonly table: string
  /** The one that is to have it. */
  readonly incoming: string
  /** What becomes of the one that had it: kept under this name, or dropped in the same transaction. */
  readonly outgoing: { readonly keptAs: string } | { readonly droppedAs: string }
}

const limits = {
  namesMs: {
    default: 700,
    unit: 'ms',
    why: 'readers queue behind us: less than the second after which a deadlock is looked for',
  },
  tries: {
    default: 15,
    unit: 'tries',
    why: 'a report that reads for ten seconds is waited for; one that reads for an hour is not',
  },
  pauseMs: { default: 300, unit: 'ms', why: 'whoever has queued behind us gets on' },
} as const

/**
 * Nobody writes meanwhile, but everybody may read until the names change. Tables that refer to this one are locked first: who
 * writes them would wait for us with a lock that we need. The settings are those of a reading session: text that is hashed must
 * not depend on the acting role's own.
 */
export async function begin(actor: Actor, { schema, table }: Pick<Exchange, 'schema' | 'table'>): Promise<void> {
  await actor.run({ text: `${likeReaders}; begin` })
  const { children } = await relatives(actor, schema, table)
  for (const child of children) await actor.run({ text: `lock table ${child} in share row exclusive mode` })
  await actor.run({ text: `lock table ${qualified(schema, table)} in exclusive mode` })
}

const relativesRow = z.object({ children: z.array(z.string()), parents: z.array(z.string()) })

async function relatives(actor: Actor, schema: string, table: string): Promise<z.infer<typeof relativesRow>> {
  const list = (
    of: string,
    by: string,
  ): string => `(select coalesce(json_agg(distinct ${of}::regclass::text order by ${of}::regclass::text), '[]')
    from pg_constraint where contype = 'f' and ${by} = t.oid and conrelid <> confrelid)`
  const [row] = await actor.run({
    text: `select ${list('conrelid', 'confrelid')} as children, ${list('confrelid', 'conrelid')} as parents
      from (select ${literal(qualified(schema, table))}::regclass::oid as oid) t`,
  })
  return relativesRow.parse(row)
}

/** The locks of the last moment: waited for a little at a time, so that nobody queues behind us for long. */
async function lockOut(actor: Actor, { schema, table }: Exchange, signal: AbortSignal): Promise<void> {
  const { parents } = await relatives(actor, schema, table)
  const texts = [
    `set local lock_timeout = ${limits.namesMs.default}`,
    ...parents.map((parent) => `lock table ${parent} in share row exclusive mode`),
    `lock table ${qualified(schema, table)} in access exclusive mode`,
  ]
  for (let n = 1; ; n += 1)
    try {
      await actor.run({ text: 'savepoint antemortem_lock' })
      for (const text of texts) await actor.run({ text })
      await actor.run({ text: 'release savepoint antemortem_lock; set local lock_timeout to default' })
      return
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('lock timeout') || n >= limits.tries.default) throw error
      await actor.run({ text: 'rollback to savepoint antemortem_lock; release savepoint antemortem_lock' })
      await sleep(limits.pauseMs.default, undefined, { signal })
    }
}

const likeReaders = `set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres';
  set bytea_output = 'hex'; set extra_float_digits = 1; set jit = off; set max_parallel_workers_per_gather = 0;
  set client_min_messages = error`

const stated = z.array(z.object({ when: z.enum(['strip', 'dress', 'later']), sql: z.string() }))
const names = z.array(z.object({ name: z.string() }))

/**
 * Changes the names of two tables of the same columns, and carries over all that hangs on the first one. In the transaction of
 * `begin`, which is committed by the caller: both have changed, or neither.
 */
export async function exchange(
  actor: Actor,
  what: Exchange,
  { versionNum, signal }: { readonly versionNum: number; readonly signal: AbortSignal },
): Promise<{ readonly statements: number }> {
  const { schema, table, incoming, outgoing } = what
  const oids = [await oidOf(actor, schema, table), await oidOf(actor, schema, incoming)] as const
  const missing = names.parse(await actor.run({ text: withoutTwinSql, values: oids }))
  if (missing.length > 0) throw new Error(`${incoming} has no index like ${missing.map(({ name }) => name).join(', ')}`)
  const away = 'keptAs' in outgoing ? outgoing.keptAs : outgoing.droppedAs
  const statements = stated.parse(await actor.run({ text: carriedSql(versionNum), values: [...oids, away] }))
  const counters = await identityValues(actor, oids[0])
  const run = async (when: 'strip' | 'dress'): Promise<void> => {
    for (const { sql } of statements.filter((each) => each.when === when)) await actor.run({ text: sql })
  }
  await lockOut(actor, what, signal)
  await run('strip')
  await actor.run({ text: `alter table ${qualified(schema, table)} rename to ${identifier(away)}` })
  await actor.run({ text: `alter table ${qualified(schema, incoming)} rename to ${identifier(table)}` })
  await run('dress')
  for (const text of counters) await actor.run({ text })
  if ('droppedAs' in outgoing) await actor.run({ text: `drop table ${qualified(schema, away)}` })
  return { statements: statements.filter(({ when }) => when !== 'later').length }
}

/** An unlogged table is rewritten into the WAL: it comes to the standbys, and no publication sends the rows of a rewrite. */
export async function makeLogged(actor: Actor, schema: string, table: string): Promise<void> {
  const [row] = await actor.run({
    text: `select relpersistence = 'u' as is from pg_class where oid = ${literal(qualified(schema, table))}::regclass`,
  })
  if (z.object({ is: z.boolean() }).parse(row).is)
    await actor.run({ text: `alter table ${qualified(schema, table)} set logged` })
}

async function oidOf(actor: Actor, schema: string, table: string): Promise<string> {
  const oid = await tableOid(actor, schema, table)
  if (oid === null) throw new Error(`there is no table ${qualified(schema, table)}`)
  return oid
}

/** How far each identity column has counted: its sequence goes with the column, and another one takes its name. */
async function identityValues(actor: Actor, oid: string): Promise<readonly string[]> {
  const sequences = z
    .array(z.object({ sequence: z.string() }))
    .parse(await actor.run({ text: identitySql, values: [oid] }))
  const value = z.object({ last: z.string(), called: z.boolean() })
  const texts: string[] = []
  for (const { sequence } of sequences) {
    const [row] = await actor.run({ text: `select last_value::text as last, is_called as called from ${sequence}` })
    const { last, called } = value.parse(row)
    texts.push(`select setval(${literal(sequence)}::regclass, ${last}, ${called})`)
  }
  return texts
}
