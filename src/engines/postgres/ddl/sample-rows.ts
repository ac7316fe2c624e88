import { z } from 'zod'
import type { ReaderSession } from '../reader-session.ts'
import { identifier, literal, qualified } from '../rows/sql.ts'
import type { Limits } from '../session.ts'

/** A row as text by column, as one server prints it. */
export type SampledRow = Readonly<Record<string, string | null>>

export interface RowsWanted {
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
  readonly limit: number
  /** Only rows with one of these values in these columns; null: any. */
  readonly among: { readonly columns: readonly string[]; readonly values: readonly (readonly string[])[] } | null
}

/** A row that is longer would fill the copy. */
const longestRow = 20_000

/** Values without a type, so that the column's own index serves. */
function condition({ among }: RowsWanted): string {
  if (among === null) return ''
  const tuples = among.values.map((values) => `(${values.map((value) => literal(value)).join(', ')})`)
  return ` and (${among.columns.map((column) => `t.${identifier(column)}`).join(', ')}) in (${tuples.join(', ')})`
}

const textOf = (wanted: RowsWanted): string =>
  `select (select json_object_agg(k, v) from (values ${wanted.columns.map((name) => `(${literal(name)}, t.${identifier(name)}::text)`).join(', ')}) x(k, v)) as values
    from only ${qualified(wanted.schema, wanted.name)} as t
    where octet_length(t::text) < ${longestRow}${condition(wanted)} limit ${wanted.limit}`

const row = z.object({ values: z.record(z.string(), z.string().nullable()) })

/** Real rows of one table; or why there are none, in the server's words. */
export async function sampleRows(
  { session }: Pick<ReaderSession, 'session'>,
  wanted: RowsWanted,
  limits: Limits,
): Promise<readonly SampledRow[] | string> {
  if (wanted.columns.length === 0) return []
  const answer = await session.run({ text: textOf(wanted) }, limits)
  if (!answer.ok) return answer.failure.message
  return z
    .array(row)
    .parse(answer.rows)
    .map(({ values }) => values)
}

const computed = `select n.nspname as schema, c.relname as name, a.attname as column from pg_attribute a
  join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace where a.attgenerated <> '' and c.oid >= 16384`

/** Columns that the server computes itself, as JSON of schema, table and column. */
export async function computedColumns(
  { session }: Pick<ReaderSession, 'session'>,
  limits: Limits,
): Promise<ReadonlySet<string>> {
  const answer = await session.run({ text: computed }, limits)
  const rows = answer.ok
    ? z.array(z.object({ schema: z.string(), name: z.string(), column: z.string() })).parse(answer.rows)
    : []
  return new Set(rows.map(({ schema, name, column }) => JSON.stringify([schema, name, column])))
}

/** One moment for all tables, in which nothing can be written. */
export const beginSample = 'begin transaction isolation level repeatable read read only'
