import type { NodeView } from '../../core/snapshot.ts'
import { listTables, type Inventory } from '../../engines/postgres/rows/list-tables.ts'
import { ReadFailed } from '../../engines/postgres/rows/node-reader.ts'
import { readWrittenRows } from '../../engines/postgres/rows/written-rows.ts'
import { tableName } from '../names.ts'
import type { PacedNode } from '../../engines/postgres/paced/paced-node.ts'
import type { NodePair } from '../pairs.ts'
import { pairsOf } from '../pairs.ts'
import { sendingOf, tablesOf } from '../tables.ts'
import type { WantedTable } from '../wanted-table.ts'
import { keyOf } from './entry.ts'

/** A table of a pair that can be asked for. */
export interface Wanted {
  readonly pair: NodePair
  readonly table: WantedTable
}

export interface Listing {
  readonly wanted: ReadonlyMap<string, Wanted>
  /** Every node was seen and has told its tables. */
  readonly isAll: boolean
}

export type ReaderOf = (name: string) => Promise<PacedNode>

/** What there is to compare now: the tables of all pairs. */
export async function listingOf(
  nodes: readonly NodeView[],
  globs: readonly string[],
  readerOf: ReaderOf,
  signal: AbortSignal,
): Promise<Listing> {
  const { pairs, blind } = pairsOf(nodes)
  const inventories = new Map<string, Inventory>()
  for (const name of new Set(pairs.flatMap(({ left, right }) => [left, right]))) {
    const inventory = await orNull(async () => listTables(await readerOf(name), signal))
    if (inventory) inventories.set(name, inventory)
  }
  const wanted = new Map<string, Wanted>()
  let isAll = blind.length === 0
  for (const pair of pairs) {
    const [left, right] = [inventories.get(pair.left), inventories.get(pair.right)]
    const sending = sendingOf(pair, pairs, nodes)
    isAll &&= left !== undefined && right !== undefined && sending.publications !== null
    if (left && right)
      for (const table of tablesOf({ ...sending, left, right }, globs).tables)
        wanted.set(keyOf({ ...pair, name: table.name }), { pair, table })
  }
  return { wanted, isAll }
}

/** Rows written, by table of a pair: of a subscriber its own as well, whoever wrote them. */
export async function writesOf(
  pairs: readonly NodePair[],
  readerOf: ReaderOf,
  signal: AbortSignal,
): Promise<(key: { readonly left: string; readonly right: string; readonly name: string }) => number | null> {
  const counting = pairs.flatMap(({ left, right, follows }) => (follows === 'physical' ? [left] : [left, right]))
  const counts = new Map<string, ReadonlyMap<string, number>>()
  for (const node of new Set(counting)) {
    const rows = await orNull(async () => readWrittenRows(await readerOf(node), signal))
    if (rows) counts.set(node, new Map(rows.map((row) => [tableName(row), row.writes])))
  }
  return ({ left, right, name }) => {
    const there = counts.get(left)
    return there ? (there.get(name) ?? 0) + (counts.get(right)?.get(name) ?? 0) : null
  }
}

async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ReadFailed) return null
    throw error
  }
}
