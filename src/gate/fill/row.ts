import type { FillableTable, ForeignKey } from '../../engines/postgres/ddl/fillable.ts'
import { hintsFor } from './hints.ts'
import { identifier, literal, qualified } from './sql.ts'
import type { Style } from './values.ts'
import { valueOf } from './values.ts'

/** A row as it would be inserted: SQL expressions by column. A column that is not there takes its default. */
export type Row = readonly (readonly [column: string, sql: string])[]

export interface Kind {
  readonly style: Style
  /** Of columns that a condition speaks of: what is plain passes more often. */
  readonly checked: Style
  /** Only the columns that must be given. */
  readonly minimal: boolean
}

const kind = (style: Style, more: Partial<Kind> = {}): Kind => ({ style, checked: style, minimal: false, ...more })

/** Kinds of rows to try, one after the other, until the table takes one. */
export const ladders: Readonly<Record<'plain' | 'highest' | 'lowest', readonly Kind[]>> = {
  plain: [kind('plain'), kind('plain', { minimal: true }), kind('other')],
  highest: [
    kind('highest'),
    kind('highest', { checked: 'plain' }),
    kind('plain'),
    kind('plain', { minimal: true }),
    kind('other'),
  ],
  lowest: [kind('lowest'), kind('lowest', { checked: 'plain' }), kind('plain', { minimal: true }), kind('other')],
}

export interface RowOptions {
  readonly kind: Kind
  /** Tells the rows of a table apart, in columns where no two may be the same. */
  readonly n: number
  /** The same for all other columns; where it is left out, `n`. */
  readonly shared?: number
  /** Where a column that refers to another table gets its value from: an SQL expression, null for the usual look-up. */
  readonly refer: (key: ForeignKey, index: number) => string | null
}

const ofTime = /^(?:date|timestamp|timestamptz)$/

/** One row that the table may take. */
export function rowFor(table: FillableTable, { kind, n, shared = n, refer }: RowOptions): Row {
  const row: (readonly [string, string])[] = []
  for (const column of table.columns) {
    if (column.generated) continue
    const key = table.foreignKeys.find(({ columns }) => columns.includes(column.name))
    const isGiven = column.notNull && !column.hasDefault
    if (key) {
      const index = key.columns.indexOf(column.name)
      const isCircle = key.schema === table.schema && key.table === table.name
      if (isCircle && !column.notNull) continue
      row.push([column.name, refer(key, index) ?? lookUp(key, index, n)])
      continue
    }
    if (kind.minimal && !isGiven) continue
    // A default is how most rows come to their value; the ends of the type are tried against it.
    const isPlain = kind.style === 'plain' || kind.style === 'other'
    // The time of the statement is one for all rows: a unique index over it would fail for ours alone.
    if (column.hasDefault && isPlain && !(kind.style === 'plain' && ofTime.test(column.type))) continue
    const checks = table.checks.filter(({ columns }) => columns.includes(column.name))
    const style = checks.length > 0 ? kind.checked : kind.style
    const isKey = table.primaryKey.includes(column.name) || table.unique.includes(column.name)
    const value = valueOf(column, style, isKey ? n : shared, hintsFor(column.name, checks))
    row.push([column.name, value === null ? 'null' : literal(value)])
  }
  return row
}

/** Row number n of the table that is referred to, in the order of its key. */
export const lookUp = (key: ForeignKey, index: number, n: number): string => {
  const columns = key.references.map(identifier)
  return `(select ${columns[index] ?? ''} from ${qualified(key.schema, key.table)} order by ${columns.join(', ')} offset ${n} limit 1)`
}

export const insertOf = (table: FillableTable, row: Row, alias = 'x'): string =>
  row.length === 0
    ? `insert into ${qualified(table.schema, table.name)} as ${alias} default values`
    : `insert into ${qualified(table.schema, table.name)} as ${alias} (${row.map(([column]) => identifier(column)).join(', ')}) values (${row.map(([, sql]) => sql).join(', ')})`

/** Tables after those that they refer to; in a circle the order is by name. */
export function parentsFirst(tables: readonly FillableTable[]): readonly FillableTable[] {
  const ordered: FillableTable[] = []
  const visited = new Set<FillableTable>()
  const visit = (table: FillableTable): void => {
    if (visited.has(table)) return
    visited.add(table)
    for (const parent of parentsOf(table, tables)) visit(parent)
    ordered.push(table)
  }
  for (const table of tables) visit(table)
  return ordered
}

/** The tables that its rows refer to; through a partitioned one, its partitions. */
export const parentsOf = (table: FillableTable, all: readonly FillableTable[]): readonly FillableTable[] =>
  all.filter((other) =>
    table.foreignKeys.some(
      (key) =>
        (other.schema === key.schema && other.name === key.table) ||
        (other.root?.schema === key.schema && other.root.name === key.table),
    ),
  )
