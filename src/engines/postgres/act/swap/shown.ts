import { z } from 'zod'
import type { Digest } from '../../rows/comparable.ts'
import { digestColumns, digestRow, toDigest } from '../../rows/digest-statement.ts'
import { identifier, literal, qualified } from '../../rows/sql.ts'
import type { TableShape } from '../../rows/table-shape.ts'
import type { Actor } from '../actor.ts'
import { columnsOf } from './rows.ts'

const limits = {
  memory: { default: '64MB', unit: 'memory', why: 'the hashes of a million rows: with less they go through files' },
  named: { default: 10_000, unit: 'rows', why: 'more are not told apart: the swap ends, whatever they are' },
} as const

/** Two tables of which one is to take the place of the other. */
export interface Compared {
  readonly shape: TableShape
  readonly twin: string
  /** The exact hash of a row `t`. */
  readonly hash: string
}

/** What the damaged table still shows, and the new one has not, or has otherwise. */
export interface Shown {
  readonly onlyHere: number
  readonly otherwise: number
  /** A key or three of these, for people. */
  readonly some: string | null
  /** Blocks of the damaged table that cannot be read. */
  readonly unreadable: number
}

/** Hashes each row of the new table once, for its digest and for what is looked for in it. In a transaction, anew at each call. */
export async function keepHashes(actor: Actor, { shape, twin, hash }: Compared): Promise<Digest> {
  await actor.run({
    text: `set local work_mem = '${limits.memory.default}'; drop table if exists pg_temp.antemortem_new;
      create temp table antemortem_new on commit drop as select ${hash} as h from ${qualified(shape.schema, twin)} t`,
  })
  const [row] = await actor.run({ text: `select ${digestColumns(false)} from pg_temp.antemortem_new` })
  return toDigest(digestRow.parse(row))
}

const missing = z.object({ rows: z.number() })
const count = z.object({ here: z.number(), other: z.number(), some: z.string().nullable() })

/**
 * Reads every row of the damaged table that can be read, block by block around those that cannot, and looks for it among the
 * hashes that were kept of the new one: no row that is still shown goes unseen. `into`: they are kept in that table as well.
 */
export async function compareShown(actor: Actor, { shape, twin, hash }: Compared, into: string | null): Promise<Shown> {
  const table = qualified(shape.schema, shape.table)
  await actor.run({ text: 'create temp table antemortem_shown (at tid, h int8) on commit drop' })
  const unreadable = await aroundDamage(actor, table, async (where) => {
    await actor.run({
      text: `insert into pg_temp.antemortem_shown select t.ctid, ${hash} from only ${table} t where ${where}`,
    })
    if (into !== null)
      await actor.run({
        text: `insert into ${qualified(shape.schema, into)} (${columnsOf(shape)}) select ${columnsOf(shape)} from only ${table} t where ${where}`,
      })
  })
  const [found] = await actor.run({
    text: `create temp table antemortem_gone on commit drop as select s.at from pg_temp.antemortem_shown s
        where not exists (select from pg_temp.antemortem_new n where n.h = s.h);
      select count(*)::float8 as rows from pg_temp.antemortem_gone`,
  })
  const { rows } = missing.parse(found)
  if (rows === 0) return { onlyHere: 0, otherwise: 0, some: null, unreadable }
  const key = (alias: string): string => `row(${shape.key.map((name) => `${alias}.${identifier(name)}`).join(', ')})`
  const [row] = await actor.run({
    text: `select count(*) filter (where not l.isThere)::float8 as here, count(*) filter (where l.isThere)::float8 as other,
        (array_agg(l.k order by l.k))[1:3]::text as some
      from (select ${key('t')}::text as k, exists (select from ${qualified(shape.schema, twin)} n where ${key('n')} = ${key('t')}) as isThere
        from only ${table} t where t.ctid = any (array(select at from pg_temp.antemortem_gone limit ${limits.named.default}))) l`,
  })
  const { here, other, some } = count.parse(row)
  return { onlyHere: here, otherwise: other + rows - here - other, some, unreadable }
}

const file = z.object({ blocks: z.number(), path: z.string().nullable() })

/** Leaves out the blocks that cannot be read, and only these. Inside a transaction. */
async function aroundDamage(actor: Actor, table: string, read: (where: string) => Promise<void>): Promise<number> {
  const relation = `${literal(table)}::regclass`
  const [row] = await actor.run({
    text: `select (pg_relation_size(${relation}) / current_setting('block_size')::int8)::float8 as blocks,
      pg_relation_filepath(${relation}) as path`,
  })
  const { blocks, path } = file.parse(row)
  const part = async (from: number, to: number): Promise<number> => {
    if (from >= to) return 0
    const where = from === 0 && to === blocks ? 'true' : `t.ctid >= '(${from},0)' and t.ctid < '(${to},0)'`
    await actor.run({ text: 'savepoint antemortem_part' })
    try {
      // Cheaper than to find out while rows are kept.
      await actor.run({ text: `select count(*) from only ${table} t where ${where}` })
      await read(where)
      await actor.run({ text: 'release savepoint antemortem_part' })
      return 0
    } catch (error) {
      if (!(error instanceof Error) || !damage.test(error.message)) throw error
      await actor.run({ text: 'rollback to savepoint antemortem_part; release savepoint antemortem_part' })
      if (to - from === 1) return 1
      const bad = blockOf(error.message, path)
      if (bad !== null && bad >= from && bad < to) return (await part(from, bad)) + 1 + (await part(bad + 1, to))
      const middle = from + Math.floor((to - from) / 2)
      return (await part(from, middle)) + (await part(middle, to))
    }
  }
  return part(0, blocks)
}

/** The server's own words for a page or a value that it cannot read. */
const damage =
  /invalid page in block|could not read blocks?|missing chunk number|unexpected chunk|compressed .* data is corrupt|invalid memory alloc request size/

/** Which block of the table's own file; null where it is another file, of its large values perhaps. */
function blockOf(message: string, path: string | null): number | null {
  const [, block, relation] = /invalid page in block (\d+) of relation "?([\w/]+)/.exec(message) ?? []
  return block !== undefined && relation === path ? Number(block) : null
}
