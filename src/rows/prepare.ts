import { AntemortemError } from '../core/error.ts'
import type { Compared } from '../engines/postgres/rows/digest-statement.ts'
import type { HashWay } from '../engines/postgres/rows/exact-column.ts'
import { commonColumns } from '../engines/postgres/rows/exact-column.ts'
import type { NodeReader } from '../engines/postgres/rows/node-reader.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { isPresent } from '../engines/postgres/rows/presence.ts'
import { readPublished } from '../engines/postgres/rows/published.ts'
import { selfTest } from '../engines/postgres/rows/self-test.ts'
import { qualified } from '../engines/postgres/rows/sql.ts'
import type { TableShape } from '../engines/postgres/rows/table-shape.ts'
import { readTableShape, unknownOrder } from '../engines/postgres/rows/table-shape.ts'
import { readCopyState } from '../engines/postgres/rows/wal-position.ts'
import type { Pair } from './fence.ts'

export interface TableName {
  readonly schema: string
  readonly table: string
}

/** A table, and what of it the target is to have. */
export interface TableScope extends TableName {
  /** Only these columns, and only rows that the filter lets through; null: all. */
  readonly columns: readonly string[] | null
  readonly rowFilter: string | null
}

/**
 * A table as far as the target is sent it now. For a look at a healthy pair; behind a change of the publication it would take
 * the harm for what is wanted: there the scope is what was carried before.
 */
export async function asPublished(pair: Pair, table: TableName, signal: AbortSignal): Promise<TableScope> {
  const { schema, table: name } = table
  if (pair.follows.kind === 'physical') return { schema, table: name, columns: null, rowFilter: null }
  return { schema, table: name, ...(await readPublished(pair, pair.follows.subscription, table, signal)) }
}

/** What the two nodes can be compared by. */
export interface Prepared {
  readonly compared: Compared
  readonly stamps: { readonly source: string; readonly target: string }
  readonly rowsEstimated: number
  /** Both nodes sort the key alike: the same range holds the same rows. */
  readonly sameOrder: boolean
  /** A row lies at the same place in the file of both nodes. */
  readonly samePlaces: boolean
  /** Why an equal comparison is not the whole truth; empty where it is. */
  readonly left: readonly string[]
}

/** Reads both shapes. Throws `ReadFailed` where a node does not show the table. */
export async function prepare(pair: Pair, scope: TableScope, signal: AbortSignal): Promise<Prepared> {
  const [source, target] = await Promise.all([
    readTableShape(pair.source, scope, signal),
    readTableShape(pair.target, scope, signal),
  ])
  const published = scope.columns
  const { columns, left } = commonColumns(source, target, { published, physical: pair.follows.kind === 'physical' })
  const hasKey = source.key.every((name) => columns.some((column) => column.name === name))
  const order = orderOf(source, target)
  return {
    compared: {
      schema: scope.schema,
      table: scope.table,
      columns,
      key: hasKey ? source.key : [],
      bytewise: order === 'same' ? [] : source.textKey.filter((name) => target.textKey.includes(name)),
      rowFilter: scope.rowFilter,
    },
    stamps: { source: source.stamp, target: target.stamp },
    rowsEstimated: source.rowsEstimated,
    sameOrder: order !== 'unlike',
    samePlaces: pair.follows.kind === 'physical' && source.hasOwnPlaces && target.hasOwnPlaces,
    left,
  }
}

/**
 * What two nodes of one cluster sort alike two libraries may not, or two versions of one: the same range would hold other rows.
 * Bytes are in the same order everywhere; but only with an index of that order a range of them is found.
 */
function orderOf(source: TableShape, target: TableShape): 'same' | 'bytes' | 'unlike' {
  const alike = (a: string, b: string): boolean => a === b && !a.includes(unknownOrder)
  if (!alike(source.keyLabels, target.keyLabels)) return 'unlike'
  if (alike(source.keyOrder, target.keyOrder)) return 'same'
  return source.hasByteOrder && target.hasByteOrder ? 'bytes' : 'unlike'
}

/** State of a table in the pair's subscription; null where no subscription carries it, undefined on a physical pair. */
export async function copyState(pair: Pair, table: TableName, signal: AbortSignal): Promise<string | null | undefined> {
  if (pair.follows.kind === 'physical') return undefined
  return readCopyState(pair.target, pair.follows.subscription, qualified(table.schema, table.table), signal)
}

/** In words, while the subscription is still copying the table. */
export async function copyingWords(pair: Pair, table: TableName, signal: AbortSignal): Promise<string | null> {
  const state = await copyState(pair, table, signal)
  return state === undefined || state === null || state === 'r' ? null : `its first copy is under way (state ${state})`
}

/** Is there such a table? null: that node cannot be asked. */
export async function presence(
  pair: Pair,
  table: TableName,
  signal: AbortSignal,
): Promise<{ readonly source: boolean | null; readonly target: boolean | null }> {
  const ask = async (reader: NodeReader): Promise<boolean | null> => {
    try {
      return await isPresent(reader, table, signal)
    } catch (error) {
      if (error instanceof ReadFailed) return null
      throw error
    }
  }
  const [source, target] = await Promise.all([ask(pair.source), ask(pair.target)])
  return { source, target }
}

export async function isThere(pair: Pair, table: TableName, signal: AbortSignal): Promise<boolean> {
  const { source, target } = await presence(pair, table, signal)
  return source === true && target === true
}

/** What each node makes of the fixed rows, kept by name: once a run is enough, also where several pairs begin at once. */
export type SelfTests = Map<string, Promise<string>>

/** Throws where the two servers do not hash the same rows alike. */
export async function assertAlike(pair: Pair, done: SelfTests, signal: AbortSignal): Promise<void> {
  if (!(await areAlike(pair, 'record', done, signal))) throw unlike(pair)
}

/** How both servers hash the same rows alike: of these the cheapest. Throws where they do so in none. */
export async function alikeWay(pair: Pair, done: SelfTests, signal: AbortSignal): Promise<HashWay> {
  for (const way of ['record', 'sent'] as const) if (await areAlike(pair, way, done, signal)) return way
  throw unlike(pair)
}

const unlike = ({ source, target }: Pair): AntemortemError =>
  new AntemortemError(
    'rows-hash-unlike',
    `${source.name} and ${target.name} hash the same rows differently`,
    'Compare nodes of the same major version and platform, and look whether a pooler changes session settings.',
  )

async function areAlike(pair: Pair, way: HashWay, done: SelfTests, signal: AbortSignal): Promise<boolean> {
  const test = async (reader: NodeReader): Promise<string> => {
    const name = `${way} ${reader.name}`
    const known = done.get(name) ?? selfTest(reader, signal, way)
    done.set(name, known)
    try {
      return await known
    } catch (error) {
      done.delete(name)
      throw error
    }
  }
  const [source, target] = await Promise.all([test(pair.source), test(pair.target)])
  return source === target
}
