import type { Inventory, ListedTable } from '../engines/postgres/rows/list-tables.ts'
import type { TableName } from '../rows/prepare.ts'
import { tableName } from './names.ts'
import type { NodePair } from './pairs.ts'

/** A table of a pair that is to be compared. */
export interface WantedTable extends TableName {
  /** How a report names it. */
  readonly name: string
  /** -1: never analysed. */
  readonly rowsEstimated: number
  /** The subscription that carries it, on a logical pair. */
  readonly subscription: string | null
  /** The subscription of the left node that carries it back from the right one, where both write it. */
  readonly back: string | null
  /** Why it cannot be compared at all. */
  readonly refused: {
    readonly detail: string
    readonly remedy: string
    /** The reading role lacks a privilege. */
    readonly isForbidden?: boolean
  } | null
  /** What is known to be wrong with it, where its rows differ. */
  readonly suspicion: { readonly detail: string; readonly remedy: string } | null
  /** Why rows that differ are no divergence: what is left out, or comes from elsewhere, by design. */
  readonly excuse: string | null
}

export const wantedTable = (table: ListedTable, refused: WantedTable['refused']): WantedTable => ({
  schema: table.schema,
  table: table.table,
  name: tableName(table),
  rowsEstimated: table.rowsEstimated,
  subscription: null,
  back: null,
  suspicion: null,
  refused,
  excuse: null,
})

export const unknownTable = (schema: string, table: string): ListedTable => ({
  schema,
  table,
  kind: 'r',
  unlogged: false,
  root: null,
  ofExtension: false,
  rowsEstimated: -1,
  grants: [],
})

/** What the reading role of either node may not read, with what gives it. */
export function grantsOf(pair: NodePair, right: Inventory) {
  const there = new Map(right.tables.map((table) => [tableName(table), table.grants]))
  return (table: ListedTable): WantedTable['refused'] => {
    const missing = [
      { node: pair.left, grants: table.grants },
      // A physical standby has the grants of its primary, and takes none.
      { node: pair.right, grants: pair.follows === 'physical' ? [] : (there.get(tableName(table)) ?? []) },
    ].filter(({ grants }) => grants.length > 0)
    if (missing.length === 0) return null
    return {
      detail: `the reading role may not read every row of it on ${missing.map(({ node }) => node).join(' and ')}`,
      remedy: missing.map(({ node, grants }) => `On ${node}: ${grants.join(' ')}`).join(' '),
      isForbidden: true,
    }
  }
}
