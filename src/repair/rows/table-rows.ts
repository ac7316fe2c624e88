import type { Key } from '../../engines/postgres/rows/comparable.ts'
import type { RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import type { TableLook } from '../../engines/postgres/act/repair-look.ts'
import type { ImageColumn } from '../../engines/postgres/rows/row-images.ts'

/** Which rows are taken from where. `left` and `right` as in a report: the right one should hold what the left one holds. */
export interface Direction {
  readonly left: string
  readonly right: string
  /** Of the right node; null: it is a physical copy. */
  readonly subscription: string | null
  /** The node that is written: `--to`. */
  readonly target: string
  /** The other one: its rows are the truth. */
  readonly source: string
}

/** One table whose rows differ, with all that a plan must know of it. */
export interface TableRows {
  readonly schema: string
  readonly table: string
  /** What the comparison said of the table. */
  readonly verdict: string
  readonly detail: string | null
  /** More rows differ than were listed. */
  readonly more: boolean
  readonly key: readonly string[]
  /** Of the target. */
  readonly columns: readonly ImageColumn[]
  /** Names of the columns that both nodes were compared by. */
  readonly compared: readonly string[]
  readonly rows: readonly RowChange[]
  /** Equal by now: replication or somebody else mended them. */
  readonly healed: number
  /** Written again and again: not settled. */
  readonly moving: readonly Key[]
  /** Whose text does not make the same value again. */
  readonly inexact: readonly Key[]
  /** Of which a node has two under the same key: it is damaged. */
  readonly twice: readonly Key[]
  /** What kept the rows from being read. */
  readonly problem: { readonly why: string; readonly remedy: string } | null
  /** null: there is no such table on the target, or it was not looked at. */
  readonly look: TableLook | null
  /** Of each column with a sequence: the greatest value on either side. */
  readonly greatest: Readonly<Record<string, string>>
  /** Nodes that follow the target and would be sent rows that they hold already. */
  readonly sentOn: readonly { readonly node: string; readonly subscription: string; readonly rows: number }[]
}

export const isMissing = ({ from }: RowChange): boolean => from === null
export const isExtra = ({ to }: RowChange): boolean => to === null
export const isChanged = ({ from, to }: RowChange): boolean => from !== null && to !== null

/** The columns of a changed row that are to be another value. */
export const changedColumns = ({ from, to }: RowChange): readonly string[] =>
  Object.keys(to ?? {}).filter((name) => from?.[name] !== to?.[name])
