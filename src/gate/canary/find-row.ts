import type { NodeLink } from '../../engines/postgres/index.ts'
import { identifier, literal, qualified } from '../fill/sql.ts'
import type { CanaryResult } from '../rehearsal.ts'
import type { Place } from './expected.ts'
import type { CanaryRow, Values } from './write-rows.ts'
import { textsOf, valuesOf } from './write-rows.ts'

export interface Found {
  readonly outcome: CanaryResult['outcome']
  readonly detail: string | null
}

/** What is looked for: a row as it is now, as it was before its update, or one that should be gone. */
export interface Sought {
  readonly row: CanaryRow
  readonly before: CanaryRow | null
  readonly gone: boolean
}

/** Looks for a row on another node by its key, or by all its values where it has none. */
export async function findRow(
  link: NodeLink,
  { row, before, gone }: Sought,
  place: Place,
  signal: AbortSignal,
): Promise<Found> {
  const key = row.table.primaryKey.length > 0 ? row.table.primaryKey : place.columns
  const where = key.map((name) => {
    const value = row.values[name]
    return value == null ? `t.${identifier(name)} is null` : `t.${identifier(name)}::text = ${literal(value)}`
  })
  const text = `select ${valuesOf(place.columns)} as values from ${qualified(place.schema, place.name)} as t where ${where.join(' and ')} limit 1`
  const reached = await link.reach(signal)
  if (!reached.ok) return { outcome: 'missing', detail: reached.failure.message }
  const answer = await reached.reader.session.run({ text }, { signal, deadlineMs: 5000 })
  if (!answer.ok)
    return { outcome: 'missing', detail: answer.failure.message.replace(/^127\.0\.0\.1:\d+\/[^:]*: /, '') }
  const [found] = answer.rows
  if (gone) return { outcome: found === undefined ? 'shown' : 'missing', detail: null }
  if (typeof found !== 'object' || found === null || !('values' in found)) return { outcome: 'missing', detail: null }
  const there = textsOf(found.values)
  const detail = firstDifference(row.values, there, place.columns)
  // As it was: the update has not come, which is not the same as another row.
  if (detail !== null && before && firstDifference(before.values, there, place.columns) === null)
    return { outcome: 'missing', detail: null }
  return { outcome: detail === null ? 'shown' : 'different', detail }
}

function firstDifference(sent: Values, found: Values, columns: readonly string[]): string | null {
  const column = columns.find((name) => sent[name] !== found[name])
  return column === undefined ? null : `${column} is ${short(found[column])}, not ${short(sent[column])}`
}

const short = (value: string | null | undefined): string => {
  if (value == null) return 'NULL'
  return value.length > 40 ? `${value.slice(0, 37)}… (${value.length} characters)` : value
}
