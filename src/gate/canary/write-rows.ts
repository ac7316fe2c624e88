import type { FillableTable, ForeignKey } from '../../engines/postgres/ddl/fillable.ts'
import type { Session } from '../../engines/postgres/index.ts'
import { insertOf, ladders, lookUp, rowFor } from '../fill/row.ts'
import { identifier, literal, qualified } from '../fill/sql.ts'
import { hintsFor } from '../fill/hints.ts'
import { valueOf } from '../fill/values.ts'

/** Every column's value as text, as one server prints it. */
export type Values = Readonly<Record<string, string | null>>

/** The ends of the types; `twin`: all that may be the same as in the highest is the same. */
export type Which = 'highest' | 'lowest' | 'twin'

/** A row of ours on the primary. */
export interface CanaryRow {
  readonly table: FillableTable
  readonly which: Which
  readonly ctid: string
  readonly values: Values
}

export interface Refused {
  readonly table: FillableTable
  readonly which: Which
  readonly words: string
  /** SQLSTATE, or a word of ours in capitals. */
  readonly code: string | null
}

export interface Writer {
  readonly session: Session
  readonly signal: AbortSignal
}

const deadlineMs = 4000
/** The server takes no row at all: a commit that does not come back, a session that may only read, none left. */
export const refusesAll = /^(?:CLIENT_DEADLINE|CLOSED|25006|57014|53\d{3}|57P\d\d)$/
/** Away from the numbers of the made-up rows. */
const numberOf = { highest: 900, lowest: 901, twin: 902 } as const

/** `c1` to its text, for all columns; a list of values, because a function takes no more than a hundred arguments. */
export const valuesOf = (columns: readonly string[]): string =>
  columns.length === 0
    ? `'{}'::json`
    : `(select json_object_agg(k, v) from (values ${columns.map((name) => `(${literal(name)}, t.${identifier(name)}::text)`).join(', ')}) x(k, v))`

const returning = (table: FillableTable): string =>
  `returning t.ctid::text as ctid, ${valuesOf(table.columns.map(({ name }) => name))} as values`

/** Inserts a row with the ends of its types, or with what comes nearest to them and is taken. */
export async function insertCanary(
  writer: Writer,
  table: FillableTable,
  which: Which,
  parents: readonly CanaryRow[],
): Promise<CanaryRow | Refused> {
  let refused: Pick<Refused, 'words' | 'code'> = { words: 'no kind of row was tried', code: null }
  const like = which === 'twin' ? 'highest' : which
  for (const kind of ladders[like]) {
    const row = rowFor(table, {
      kind,
      n: numberOf[which],
      shared: numberOf[like],
      refer: (key, index) => reference(key, index, parents, like),
    })
    const answer = await run(writer, `${insertOf(table, row, 't')} ${returning(table)}`)
    if (answer.ok) return { table, which, ...answer.row }
    refused = answer
    // No other row would fare better.
    if (refusesAll.test(answer.code ?? '')) break
  }
  return { table, which, ...refused }
}

/** A row of ours in the table that is referred to: its others may all have their counterpart already. */
function reference(key: ForeignKey, index: number, parents: readonly CanaryRow[], which: string): string {
  const column = key.references[index] ?? ''
  const parent = parents.find(({ table, which: kind }) => kind === which && isParent(table, key))
  const value = parent?.values[column]
  return value == null ? lookUp(key, index, 0) : literal(value)
}

const isParent = (table: FillableTable, key: ForeignKey): boolean =>
  [table, table.root].some((one) => one?.schema === key.schema && one.name === key.table)

/** Changes one column that no key is made of; where there is none, a key to itself: that is sent as well. */
export async function updateCanary(writer: Writer, { table, which, ctid }: CanaryRow): Promise<CanaryRow | Refused> {
  const keys = new Set([...table.primaryKey, ...table.unique, ...table.foreignKeys.flatMap(({ columns }) => columns)])
  const free = table.columns.filter(({ name, generated }) => !generated && !keys.has(name))
  const column = free.find(({ name }) => !table.checks.some(({ columns }) => columns.includes(name))) ?? free[0]
  const any = table.columns.find(({ generated }) => !generated)
  if (!any) return { table, which, words: 'it has no column that can be set', code: null }
  const checks = table.checks.filter(({ columns }) => columns.includes(column?.name ?? ''))
  const value = column && valueOf(column, 'plain', 7, hintsFor(column.name, checks))
  const set = column
    ? `${identifier(column.name)} = ${value == null ? 'null' : literal(value)}`
    : `${identifier(any.name)} = t.${identifier(any.name)}`
  const target = qualified(table.schema, table.name)
  const answer = await run(
    writer,
    `update ${target} as t set ${set} where t.ctid = ${literal(ctid)} ${returning(table)}`,
  )
  return answer.ok ? { table, which, ...answer.row } : { table, which, words: answer.words, code: answer.code }
}

/** null: it is gone. */
export async function deleteCanary(writer: Writer, { table, which, ctid }: CanaryRow): Promise<Refused | null> {
  const answer = await run(
    writer,
    `delete from ${qualified(table.schema, table.name)} as t where t.ctid = ${literal(ctid)} ${returning(table)}`,
  )
  return answer.ok ? null : { table, which, words: answer.words, code: answer.code }
}

type Written =
  | { readonly ok: true; readonly row: { readonly ctid: string; readonly values: Values } }
  | { readonly ok: false; readonly words: string; readonly code: string | null }

async function run({ session, signal }: Writer, text: string): Promise<Written> {
  const answer = await session.run({ text }, { signal, deadlineMs })
  if (!answer.ok)
    return {
      ok: false,
      words: answer.failure.message.replace(/^127\.0\.0\.1:\d+\/[^:]*: /, ''),
      code: answer.failure.code,
    }
  const [row] = answer.rows
  if (typeof row !== 'object' || row === null || !('ctid' in row))
    return { ok: false, words: 'a trigger or rule took the row', code: null }
  const { ctid, values } = { values: {}, ...row }
  return { ok: true, row: { ctid: String(ctid), values: textsOf(values) } }
}

export const textsOf = (values: unknown): Values =>
  Object.fromEntries(
    Object.entries(typeof values === 'object' && values !== null ? values : {}).map(([name, value]) => [
      name,
      value === null ? null : String(value),
    ]),
  )

export const isRefused = (written: CanaryRow | Refused): written is Refused => 'words' in written
