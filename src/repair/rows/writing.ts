import type { RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import type { ForeignKey, TableLook } from '../../engines/postgres/act/repair-look.ts'
import type { RowImage } from '../../core/verification.ts'
import { changedColumns, isChanged, isExtra, type TableRows } from './table-rows.ts'

/** How many rows one transaction exchanges: a writer of the application waits no longer than for these. */
export const batchRows = 1_000

/**
 * Changed rows are updated, unless that cannot make them right: what is generated is computed anew only by an insert, an identity
 * that is always generated cannot be set, and two rows that have exchanged a unique value cannot be updated one after the other.
 */
export function mustReplace(rows: readonly RowChange[], { columns, uniques }: TableLook): boolean {
  const changed = rows.filter(isChanged)
  const names = new Set(changed.flatMap(changedColumns))
  return (
    columns.some(({ name, generated, identity }) => names.has(name) && (generated === 's' || identity === 'a')) ||
    uniques.some((unique) => unique.some((name) => names.has(name)) && exchange(changed, unique))
  )
}

/** Does one row take a value that another one has until now? */
function exchange(rows: readonly RowChange[], unique: readonly string[]): boolean {
  const valuesOf = (image: RowImage | null): string => JSON.stringify(unique.map((name) => image?.[name] ?? null))
  const held = new Map(rows.map((row) => [valuesOf(row.from), row]))
  return rows.some((row) => {
    const holder = held.get(valuesOf({ ...row.from, ...row.to }))
    return holder !== undefined && holder !== row
  })
}

/** What would fire on a write: under the replica role ENABLE ALWAYS and ENABLE REPLICA, else ENABLE ALWAYS and the ordinary ones. */
export function firing<T extends { readonly enabled: string }>(all: readonly T[], isReplica: boolean): readonly T[] {
  return all.filter(({ enabled }) => enabled === 'A' || enabled === (isReplica ? 'R' : 'O'))
}

/** Can these changes break it? Rows that come or refer otherwise, and rows that go or are referred to otherwise. */
export function concerns(key: ForeignKey, rows: readonly RowChange[]): boolean {
  const own = key.isParent ? key.parentColumns : key.childColumns
  return rows.some((row) =>
    isChanged(row) ? changedColumns(row).some((name) => own.includes(name)) : key.isParent === isExtra(row),
  )
}

const nameOf = ({ schema, table }: { readonly schema: string; readonly table: string }): string =>
  JSON.stringify([schema, table])

const ends = (key: ForeignKey): { readonly child: string; readonly parent: string } => ({
  child: nameOf({ schema: key.childSchema, table: key.child }),
  parent: nameOf({ schema: key.parentSchema, table: key.parent }),
})

/** Tables that are referred to come before those that refer to them; in a circle the order of names decides. */
export function parentsFirst(tables: readonly TableRows[]): readonly TableRows[] {
  const byName = new Map(tables.map((table) => [nameOf(table), table]))
  const parentsOf = (name: string): readonly string[] =>
    (byName.get(name)?.look?.foreignKeys ?? [])
      .map(ends)
      .filter(({ child, parent }) => child === name && parent !== name && byName.has(parent))
      .map(({ parent }) => parent)
  const ordered: TableRows[] = []
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const parent of [...parentsOf(name)].sort()) visit(parent)
    const table = byName.get(name)
    if (table) ordered.push(table)
  }
  for (const name of [...byName.keys()].sort()) visit(name)
  return ordered
}

export const inBatches = <T>(rows: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(rows.length / batchRows) }, (_, n) => rows.slice(n * batchRows, (n + 1) * batchRows))
