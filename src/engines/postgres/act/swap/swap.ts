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

/**
 * Nobody writes meanwhile, but everybody may read until the names change. The settings are those of a reading session: text
 * that is hashed must not depend on the acting role's own.
 */
export async function begin(actor: Actor, { schema, table }: Pick<Exchange, 'schema' | 'table'>): Promise<void> {
  await actor.run({ text: `${likeReaders}; begin` })
  await actor.run({ text: `lock table ${qualified(schema, table)} in exclusive mode` })
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
  versionNum: number,
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
