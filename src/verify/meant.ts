import { AntemortemError } from '../core/error.ts'
import type { Inventory } from '../engines/postgres/rows/list-tables.ts'
import { tableName } from './names.ts'
import { isMeant } from './tables.ts'

/** A pattern that means no table is a slip of the pen, and would be green. */
export function assertMeant(globs: readonly string[], listings: readonly Inventory[], wanted: number): void {
  const tables = listings.flatMap((listing) => listing.tables)
  const lost = globs.filter((glob) => !tables.some((table) => isMeant([glob], table)))
  if (listings.length === 0 || (lost.length === 0 && (wanted > 0 || globs.length === 0))) return
  const names = [...new Set(tables.map(tableName))].sort().slice(0, 8)
  throw new AntemortemError(
    'usage',
    lost.length > 0
      ? `no table is meant by ${lost.map((glob) => `'${glob.slice(0, 80)}'`).join(', ')}`
      : `no pair of nodes shares a table that is meant by ${globs.map((glob) => `'${glob.slice(0, 80)}'`).join(', ')}`,
    names.length === 0 ? 'The nodes have no tables.' : `There are, among others: ${names.join(', ')}.`,
    { exit: 2 },
  )
}
