import { z } from 'zod'
import type { NodeLink } from './connect.ts'
import type { LinkFailure } from './failure.ts'

/** Rows that would refuse a statement, asked for by what it demands of them. */
export type RefusingRows =
  /** Whatever is there: a new column that must not be null has nothing for it. */
  | { readonly kind: 'any' }
  | { readonly kind: 'null'; readonly column: string }
  | { readonly kind: 'repeated'; readonly columns: readonly string[]; readonly where: string | null }
  /** An expression without calls of functions, as the statement spells it. */
  | { readonly kind: 'unless'; readonly expression: string }
  | {
      readonly kind: 'orphan'
      readonly columns: readonly string[]
      readonly schema: string
      readonly table: string
      readonly references: readonly string[]
    }
  | { readonly kind: 'longer'; readonly column: string; readonly length: number }
  | { readonly kind: 'outside'; readonly column: string; readonly least: string; readonly largest: string }
  /** Text that is none of the type; 16 and later. */
  | { readonly kind: 'unreadable'; readonly column: string; readonly type: string }

export interface AskedTable {
  readonly schema: string
  readonly table: string
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A query whose rows are those that refuse. */
export function refusingRowsSql({ schema, table }: AskedTable, rows: RefusingRows): string {
  const from = `${quoted(schema)}.${quoted(table)}`
  switch (rows.kind) {
    case 'any':
      return `select 1 from ${from}`
    case 'null':
      return `select 1 from ${from} where ${quoted(rows.column)} is null`
    case 'repeated': {
      const columns = rows.columns.map(quoted)
      // Null is equal to nothing.
      const isKey = columns.map((column) => `${column} is not null`)
      const where = [...isKey, ...(rows.where === null ? [] : [`(${rows.where})`])].join(' and ')
      return `select 1 from ${from} where ${where} group by ${columns.join(', ')} having count(*) > 1`
    }
    case 'unless':
      return `select 1 from ${from} where not (${rows.expression})`
    case 'orphan': {
      const to = `${quoted(rows.schema)}.${quoted(rows.table)}`
      const pairs = rows.columns.map((column, n) => `r.${quoted(rows.references[n] ?? '')} = t.${quoted(column)}`)
      const isKey = rows.columns.map((column) => `t.${quoted(column)} is not null`)
      return `select 1 from ${from} t where ${isKey.join(' and ')} and not exists (select 1 from ${to} r where ${pairs.join(' and ')})`
    }
    case 'longer':
      return `select 1 from ${from} where length(rtrim(${quoted(rows.column)}::text)) > ${rows.length}`
    case 'outside':
      return `select 1 from ${from} where ${quoted(rows.column)} not between ${rows.least} and ${rows.largest}`
  }
  return `select 1 from ${from} where not pg_input_is_valid(${quoted(rows.column)}::text, ${literal(rows.type)})`
}

const row = z.object({ rows: z.coerce.number() })

export type Counted =
  | { readonly ok: true; readonly rows: number }
  | { readonly ok: false; readonly failure: LinkFailure }

/**
 * Counts them, up to `most`, on a session that may only read and whose statements end by themselves. A large table is read
 * once, as any report would.
 */
export async function countRefusing(
  link: NodeLink,
  asked: AskedTable,
  rows: RefusingRows,
  { most, signal }: { readonly most: number; readonly signal: AbortSignal },
): Promise<Counted> {
  const reached = await link.reach(signal)
  if (!reached.ok) return reached
  const text = `select count(*) as rows from (${refusingRowsSql(asked, rows)} limit ${most}) refusing`
  const answer = await reached.reader.session.run({ text }, { signal, deadlineMs: 15_000 })
  return answer.ok ? { ok: true, rows: row.parse(answer.rows[0]).rows } : answer
}
