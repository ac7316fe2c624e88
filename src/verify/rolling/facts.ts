import type { TouchedFact } from '../../core/facts/cluster.ts'
import type { SampledTable } from '../../core/rolling.ts'

/** Who reads a table is not asked here: the comparison of touched tables does. */
const readBy = { roles: [], sessions: 0, scans: 0 } as const

/**
 * What is told of a table: rows that differ, and what could not be compared at two rounds in a row. Nothing where it is equal,
 * late, or not known yet.
 */
export function factOf(sampled: SampledTable): TouchedFact | null {
  const { schema, table, left: source, right: node, difference, refusal } = sampled
  const name = { schema, table, source, node, readBy }
  if (difference !== null) {
    const { sourceRows, surplus, times, sinceMs, atMs } = difference
    return {
      ...name,
      atMs,
      verdict: 'different',
      detail: words(difference),
      sourceRows,
      nodeRows: sourceRows === null || surplus === null ? null : sourceRows + surplus,
      times,
      sinceMs,
    }
  }
  if (refusal === null || refusal.times < 2) return null
  const { detail, remedy, isForbidden, times, sinceMs, atMs } = refusal
  return {
    ...name,
    atMs,
    verdict: 'unverifiable',
    detail,
    why: isForbidden ? 'no-privilege' : 'not-comparable',
    remedy,
    sourceRows: null,
    nodeRows: null,
    times,
    sinceMs,
  }
}

function words({ keys, more }: NonNullable<SampledTable['difference']>): string | null {
  const examples = keys.slice(0, 3).map((key) => key.join(', '))
  if (examples.length === 0) return null
  const rest = more || keys.length > examples.length ? '; …' : ''
  return `rows ${examples.join('; ')}${rest}`
}
