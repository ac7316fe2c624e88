import type { DrillResult } from '../core/drill.ts'
import { percentile } from './percentile.ts'

/** What several runs of one drill gave. */
export interface Tally {
  readonly id: string
  readonly runs: number
  readonly right: number
  /** What was named where it was not right, without repetition; `nothing` among them. */
  readonly insteadNamed: readonly string[]
  readonly wronglyConfirmed: readonly string[]
  /** Half of the runs, and nearly all, took no longer; null where it never came about. */
  readonly noticedMs: { readonly half: number; readonly most: number } | null
  readonly namedMs: { readonly half: number; readonly most: number } | null
}

/** By drill, in the order in which they first came. Pure. */
export function tally(results: readonly DrillResult[]): readonly Tally[] {
  return [...new Set(results.map(({ id }) => id))].map((id) => {
    const runs = results.filter((each) => each.id === id)
    const wrong = runs.filter(({ named }) => !named.correct)
    return {
      id,
      runs: runs.length,
      right: runs.length - wrong.length,
      insteadNamed: [...new Set(wrong.map(({ named }) => named.cause ?? 'nothing'))],
      wronglyConfirmed: [...new Set(runs.flatMap(({ wronglyConfirmed = [] }) => wronglyConfirmed))],
      noticedMs: spread(runs.map(({ noticed }) => noticed.ms)),
      namedMs: spread(runs.map(({ named }) => named.ms)),
    }
  })
}

function spread(measured: readonly (number | null)[]): Tally['namedMs'] {
  const values = measured.filter((ms) => ms !== null)
  return values.length === 0 ? null : { half: percentile(values, 0.5), most: percentile(values, 0.95) }
}
