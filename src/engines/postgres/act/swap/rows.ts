import { z } from 'zod'
import type { ComparableTable, Key, Range } from '../../rows/comparable.ts'
import { keyTuple } from '../../rows/predicate.ts'
import { identifier, literal, qualified } from '../../rows/sql.ts'
import type { TableShape } from '../../rows/table-shape.ts'
import type { Actor } from '../actor.ts'

const limits = {
  chunkRows: {
    default: 20_000,
    unit: 'rows',
    why: 'some megabytes in memory, and a read that no recovery conflict waits for',
  },
  keysAtOnce: { default: 500, unit: 'rows', why: 'a statement of some ten kilobytes' },
} as const

/** A node whose rows are taken: only read. */
export interface Donor {
  readonly table: ComparableTable
  /** The bytes of a `copy … to stdout`. */
  copyOut(text: string): Promise<readonly Buffer[]>
}

/** Columns that take a value; the server computes the others. */
const columnsOf = ({ columns }: TableShape): string =>
  columns
    .filter(({ generated }) => generated === '')
    .map(({ name }) => identifier(name))
    .join(', ')

/** COPY takes no parameters; an unknown literal becomes what its column is. */
const values = (key: Key): string => (key.length === 1 ? literal(key[0] ?? '') : `(${key.map(literal).join(', ')})`)

const between = (key: readonly string[], { after, upTo }: Range): string =>
  [
    ...(after === null ? [] : [`${keyTuple({ key })} > ${values(after)}`]),
    ...(upTo === null ? [] : [`${keyTuple({ key })} <= ${values(upTo)}`]),
  ].join(' and ') || 'true'

const among = (key: readonly string[], keys: readonly Key[]): string =>
  `${keyTuple({ key })} in (${keys.map(values).join(', ')})`

const copyOut = (shape: TableShape, where: string): string =>
  `copy (select ${columnsOf(shape)} from ${qualified(shape.schema, shape.table)} t where ${where}) to stdout (format binary)`

const copyIn = (shape: TableShape, twin: string): string =>
  `copy ${qualified(shape.schema, twin)} (${columnsOf(shape)}) from stdin (format binary)`

/** All rows of the donor, in the order of the key; the next piece is read while one is written. */
export async function fill(
  actor: Actor,
  {
    donor,
    shape,
    twin,
    signal,
    onRows,
  }: {
    readonly donor: Donor
    readonly shape: TableShape
    readonly twin: string
    readonly signal: AbortSignal
    readonly onRows?: (bytes: number) => void
  },
): Promise<{ readonly bytes: number; readonly pieces: number }> {
  await actor.run({ text: `truncate ${qualified(shape.schema, twin)}` })
  let bytes = 0
  let pieces = 0
  const read = async (after: Key | null): Promise<{ readonly upTo: Key | null; readonly data: readonly Buffer[] }> => {
    const upTo = await donor.table.boundary(after, limits.chunkRows.default, signal)
    return { upTo, data: await donor.copyOut(copyOut(shape, between(shape.key, { after, upTo }))) }
  }
  let reading = read(null)
  for (;;) {
    const { upTo, data } = await reading
    if (upTo !== null) {
      reading = read(upTo)
      // It may fail while we write; whoever waits for it next hears of it.
      reading.catch(() => undefined)
    }
    await actor.copyIn(copyIn(shape, twin), data)
    bytes += data.reduce((sum, part) => sum + part.length, 0)
    pieces += 1
    onRows?.(bytes)
    if (upTo === null) return { bytes, pieces }
  }
}

/**
 * Makes the rows of the twin those of the donor, chunk by chunk: what was written since it was filled. Called while nobody can
 * write, behind a fence. Gives how many rows it replaced.
 */
export async function settle(
  actor: Actor,
  {
    donor,
    mine,
    shape,
    twin,
    signal,
  }: {
    readonly donor: Donor
    readonly mine: ComparableTable
    readonly shape: TableShape
    readonly twin: string
    readonly signal: AbortSignal
  },
): Promise<number> {
  let replaced = 0
  for (let after: Key | null = null; ;) {
    const upTo: Key | null = await donor.table.boundary(after, limits.chunkRows.default, signal)
    const range: Range = { after, upTo }
    const [theirs, ours] = await Promise.all([
      donor.table.digest(range, false, signal),
      mine.digest(range, false, signal),
    ])
    if (theirs.hash !== ours.hash) {
      const keys = await differingKeys(donor.table, mine, range, signal)
      for (let n = 0; n < keys.length; n += limits.keysAtOnce.default) {
        const some = keys.slice(n, n + limits.keysAtOnce.default)
        const where = among(shape.key, some)
        await actor.run({ text: `delete from ${qualified(shape.schema, twin)} t where ${where}` })
        await actor.copyIn(copyIn(shape, twin), await donor.copyOut(copyOut(shape, where)))
      }
      replaced += keys.length
    }
    if (upTo === null) return replaced
    after = upTo
  }
}

async function differingKeys(
  donor: ComparableTable,
  mine: ComparableTable,
  range: Range,
  signal: AbortSignal,
): Promise<readonly Key[]> {
  const [theirs, ours] = await Promise.all([donor.rows(range, signal), mine.rows(range, signal)])
  const text = (key: Key): string => JSON.stringify(key)
  const known = new Map(ours.map(({ key, hash }) => [text(key), hash]))
  const wanted = new Set(theirs.map(({ key }) => text(key)))
  return [
    ...theirs.filter(({ key, hash }) => known.get(text(key)) !== hash).map(({ key }) => key),
    ...ours.filter(({ key }) => !wanted.has(text(key))).map(({ key }) => key),
  ]
}

const count = z.object({ here: z.number(), other: z.number(), some: z.string().nullable() })

/** What the damaged table still shows, and the new one has not, or has otherwise. */
export interface Shown {
  readonly onlyHere: number
  readonly otherwise: number
  /** A key or three of these, for people. */
  readonly some: string | null
  /** Blocks of the damaged table that cannot be read. */
  readonly unreadable: number
}

/**
 * Reads every row of the damaged table that can be read, block by block around those that cannot, and looks for it in the new
 * one: no row that is still shown goes unseen. `into`: they are kept in that table as well.
 */
export async function compareShown(
  actor: Actor,
  {
    shape,
    twin,
    hash,
    into,
  }: {
    readonly shape: TableShape
    readonly twin: string
    /** The exact hash of a row `t`. */
    readonly hash: string
    readonly into: string | null
  },
): Promise<Shown> {
  const table = qualified(shape.schema, shape.table)
  const key = `row(${shape.key.map((name) => `t.${identifier(name)}`).join(', ')})::text`
  await actor.run({ text: `create temp table antemortem_shown (k text, h int8) on commit drop` })
  const unreadable = await aroundDamage(actor, table, async (where) => {
    await actor.run({
      text: `insert into pg_temp.antemortem_shown select ${key}, ${hash} from only ${table} t where ${where}`,
    })
    if (into !== null)
      await actor.run({
        text: `insert into ${qualified(shape.schema, into)} (${columnsOf(shape)}) select ${columnsOf(shape)} from only ${table} t where ${where}`,
      })
  })
  const [row] = await actor.run({
    text: `select count(*) filter (where n.k is null)::float8 as here, count(*) filter (where n.k is not null)::float8 as other,
        (array_agg(s.k order by s.k))[1:3]::text as some
      from pg_temp.antemortem_shown s left join (select ${key} as k, ${hash} as h from ${qualified(shape.schema, twin)} t) n on n.k = s.k
      where n.k is null or n.h <> s.h`,
  })
  const { here, other, some } = count.parse(row)
  return { onlyHere: here, otherwise: other, some, unreadable }
}

/** Halves the blocks until only those are left out that cannot be read. Inside a transaction. */
async function aroundDamage(actor: Actor, table: string, read: (where: string) => Promise<void>): Promise<number> {
  const [row] = await actor.run({
    text: `select (pg_relation_size(${literal(table)}::regclass) / current_setting('block_size')::int8)::float8 as blocks`,
  })
  const { blocks } = z.object({ blocks: z.number() }).parse(row)
  const part = async (from: number, to: number): Promise<number> => {
    await actor.run({ text: 'savepoint antemortem_part' })
    try {
      await read(from === 0 && to === blocks ? 'true' : `t.ctid >= '(${from},0)' and t.ctid < '(${to},0)'`)
      await actor.run({ text: 'release savepoint antemortem_part' })
      return 0
    } catch (error) {
      if (!isDamage(error)) throw error
      await actor.run({ text: 'rollback to savepoint antemortem_part; release savepoint antemortem_part' })
      if (to - from <= 1) return 1
      const middle = from + Math.floor((to - from) / 2)
      return (await part(from, middle)) + (await part(middle, to))
    }
  }
  return part(0, blocks)
}

/** The server's own words for a page or a value that it cannot read. */
const isDamage = (error: unknown): boolean =>
  error instanceof Error &&
  /invalid page in block|could not read blocks?|missing chunk number|unexpected chunk|compressed .* data is corrupt|invalid memory alloc request size/.test(
    error.message,
  )
