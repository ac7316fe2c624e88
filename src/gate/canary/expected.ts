import { carriage } from '../../core/carriage.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import { describedOf, tableIn } from '../described.ts'

/** Where a row of a table must show: under which name, and with which columns. */
export interface Place {
  readonly node: string
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
  readonly subscription: string | null
}

/**
 * Every node that carries the table whole after the change. A table that is carried in part or not at all is the business
 * of another rule: its rows are not expected. Pure.
 */
export function placesOf(table: FillableTable, primary: string, after: Snapshot): readonly Place[] {
  const publisher = describedOf(after, primary)
  if (!publisher) return []
  const names = [table, ...(table.root === null ? [] : [table.root])]
  return after.nodes.flatMap((node): readonly Place[] => {
    const described = describedOf(after, node.name)
    if (node.name === primary || !described) return []
    const all = table.columns.map(({ name }) => name)
    if (node.role === 'standby')
      return table.unlogged
        ? []
        : [{ node: node.name, schema: table.schema, name: table.name, columns: all, subscription: null }]
    // A partition comes under its own name or under that of its root.
    for (const { schema, name } of names) {
      const carried = carriage(publisher.publications, described.subscriptions, schema, name)
      const there = names.map((one) => tableIn(described, one.schema, one.name)).find((one) => one !== undefined)
      if ((carried.gap !== null && carried.gap !== 'not-ready') || there === undefined) continue
      const columns = table.columns
        .filter((column) => !column.generated || !isComputed(table, column.name, after, primary))
        .map((column) => column.name)
        .filter((column) => there.columns.some((one) => one.name === column))
      return [{ node: node.name, schema: there.schema, name: there.name, columns, subscription: carried.subscription }]
    }
    return []
  })
}

/** A generated column is the subscriber's own; an identity column, which also takes no value of ours, is sent. */
function isComputed(table: FillableTable, column: string, after: Snapshot, primary: string): boolean {
  const described = describedOf(after, primary)
  const fact = described && tableIn(described, table.schema, table.name)
  return fact?.columns.some(({ name, generated }) => name === column && generated) ?? true
}
