import type { NodeLink } from '../../engines/postgres/index.ts'
import { identifier, literal, qualified } from '../fill/sql.ts'
import type { CanaryResult } from '../rehearsal.ts'
import { withoutPlace } from '../run/stage.ts'
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

/** A row and where it must show. */
export interface Look {
  readonly sought: Sought
  readonly place: Place
}

const limits = {
  together: {
    default: 40,
    unit: 'rows',
    why: 'one statement instead of forty; a plan of a hundred parts takes longer',
  },
  deadlineMs: { default: 5000, unit: 'ms', why: 'rows of ours, by their keys' },
} as const

/** Looks for rows on another node, several by one statement; where that fails, for each alone: one table may be missing. */
export async function findRows(link: NodeLink, looks: readonly Look[], signal: AbortSignal): Promise<readonly Found[]> {
  const found: Found[] = []
  for (let at = 0; at < looks.length; at += limits.together.default) {
    const some = looks.slice(at, at + limits.together.default)
    const together = await ask(link, some, signal)
    if (typeof together !== 'string') found.push(...together)
    else
      for (const one of some) {
        const alone = some.length === 1 ? together : await ask(link, [one], signal)
        found.push(...(typeof alone === 'string' ? [{ outcome: 'missing' as const, detail: alone }] : alone))
      }
  }
  return found
}

const columnOf = (row: unknown, name: string): unknown =>
  typeof row === 'object' && row !== null ? Reflect.get(row, name) : null

/** In their order; or the server's words. */
async function ask(link: NodeLink, looks: readonly Look[], signal: AbortSignal): Promise<readonly Found[] | string> {
  const text = looks.map((look, n) => `select ${n}::int4 as n, (${rowOf(look)}) as values`).join(' union all ')
  const reached = await link.reach(signal)
  if (!reached.ok) return withoutPlace(reached.failure.message)
  const answer = await reached.reader.session.run({ text }, { signal, deadlineMs: limits.deadlineMs.default })
  if (!answer.ok) return withoutPlace(answer.failure.message)
  const values = new Map(answer.rows.map((row) => [columnOf(row, 'n'), columnOf(row, 'values')]))
  return looks.map((look, n) => foundAs(look, values.get(n) ?? null))
}

/** By its key, or by all its values where it has none. */
function rowOf({ sought: { row }, place }: Look): string {
  const key = row.table.primaryKey.length > 0 ? row.table.primaryKey : place.columns
  const where = key.map((name) => {
    const value = row.values[name]
    return value == null ? `t.${identifier(name)} is null` : `t.${identifier(name)}::text = ${literal(value)}`
  })
  return `select ${valuesOf(place.columns)} from ${qualified(place.schema, place.name)} as t where ${where.join(' and ') || 'true'} limit 1`
}

function foundAs({ sought: { row, before, gone }, place }: Look, values: unknown): Found {
  if (gone) return { outcome: values === null ? 'shown' : 'missing', detail: null }
  if (values === null) return { outcome: 'missing', detail: null }
  const there = textsOf(values)
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
