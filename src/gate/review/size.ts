import type { ReviewInput } from './input.ts'
import { primaryOf } from './nodes.ts'
import { tableOn, type TableName } from './tables.ts'

/** Below it a lock or a rewrite is over in some hundredths of a second (measured: 0.4 s and 1.5 s for 100,000 rows). */
export const fewRows = 10_000

/** Rows of the table, as the server estimates them; null where nobody knows. */
export function rowsOf(input: ReviewInput, table: TableName): number | null {
  const rows = tableOn(input, primaryOf(input), table)?.rowsEstimated ?? -1
  return rows < 0 ? null : rows
}

export const isSmall = (input: ReviewInput, table: TableName): boolean => {
  const rows = rowsOf(input, table)
  return rows !== null && rows < fewRows
}

export const sizeWords = (rows: number | null): string =>
  rows === null ? 'the longer the larger it is' : `it has about ${Math.round(rows).toLocaleString('en-US')} rows`
