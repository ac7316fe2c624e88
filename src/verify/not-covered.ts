import type { Inventory, ListedTable } from '../engines/postgres/rows/list-tables.ts'
import { tableName } from './names.ts'
import type { NodePair, NotCovered } from './pairs.ts'

/** One line for many tables: a person wants to know which kind, and a few of them. */
export function listed(
  pair: NodePair,
  what: string,
  tables: readonly ListedTable[],
  why: string,
): readonly NotCovered[] {
  if (tables.length === 0) return []
  const names = tables.slice(0, 5).map(tableName)
  const more = tables.length > names.length ? ` and ${tables.length - names.length} more` : ''
  return [{ what: `${pair.left} → ${pair.right}: ${what} ${names.join(', ')}${more}`, why }]
}

export const foreignTables = (pair: NodePair, tables: readonly ListedTable[]): readonly NotCovered[] =>
  listed(
    pair,
    'foreign tables',
    tables.filter(({ kind }) => kind === 'f'),
    'their rows are on another server',
  )

export const extensionTables = (pair: NodePair, { tables }: Inventory): readonly NotCovered[] =>
  listed(
    pair,
    'tables of extensions',
    tables.filter(({ ofExtension, kind }) => ofExtension && kind === 'r'),
    'they are not tables of yours',
  )

export const largeObjects = (pair: NodePair, { largeObjects: count }: Inventory, why: string): readonly NotCovered[] =>
  count === 0
    ? []
    : [{ what: `${pair.left} → ${pair.right}: ${count} large ${count === 1 ? 'object' : 'objects'}`, why }]
