import type { ComparableTable, Key, Range } from '../../rows/comparable.ts'
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
export const columnsOf = ({ columns }: TableShape): string =>
  columns
    .filter(({ generated }) => generated === '')
    .map(({ name }) => identifier(name))
    .join(', ')

/** As a table sorts it; the bare column where it is one, so that its index is used. */
function tupleOf(key: readonly string[]): string {
  const columns = key.map((name) => `t.${identifier(name)}`).join(', ')
  return key.length === 1 ? columns : `(${columns})`
}

/** COPY takes no parameters; an unknown literal becomes what its column is. */
const values = (key: Key): string => (key.length === 1 ? literal(key[0] ?? '') : `(${key.map(literal).join(', ')})`)

const between = (key: readonly string[], { after, upTo }: Range): string =>
  [
    ...(after === null ? [] : [`${tupleOf(key)} > ${values(after)}`]),
    ...(upTo === null ? [] : [`${tupleOf(key)} <= ${values(upTo)}`]),
  ].join(' and ') || 'true'

const among = (key: readonly string[], keys: readonly Key[]): string =>
  `${tupleOf(key)} in (${keys.map(values).join(', ')})`

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
