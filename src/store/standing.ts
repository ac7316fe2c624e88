import type { JournalEntry, Plan } from '../core/plan.ts'

/** `open`: begun, and neither finished nor undone: somebody must resume it or take it back. */
export type Standing = 'planned' | 'open' | 'done' | 'undone'

/** The last line of each step. What came before it is history. */
export const lastOf = (journal: readonly JournalEntry[]): ReadonlyMap<number, JournalEntry> =>
  new Map(journal.map((entry) => [entry.n, entry]))

/** The step has an effect, as far as anybody could see. A failed step may have one all the same: then its probe said so. */
export const hasEffect = (last: JournalEntry | undefined): boolean =>
  last?.phase === 'done' || (last?.phase === 'failed' && last.output['effect'] === 'done')

/** It was begun, and nobody knows whether it had an effect. */
export const isUnclear = (last: JournalEntry | undefined): boolean =>
  last?.phase === 'begun' ||
  last?.phase === 'unknown' ||
  (last?.phase === 'failed' && last.output['effect'] === undefined)

export function standing(plan: Plan, journal: readonly JournalEntry[]): Standing {
  if (journal.length === 0) return 'planned'
  const last = lastOf(journal)
  const steps = plan.steps.map((step) => ({ step, entry: last.get(step.n) }))
  if (steps.every(({ entry }) => entry?.phase === 'done')) return 'done'
  if (steps.some(({ entry }) => isUnclear(entry))) return 'open'
  const left = steps.filter(({ entry }) => hasEffect(entry))
  if (left.length === 0) return 'undone'
  const wasUndone = steps.some(({ entry }) => entry?.phase === 'undone')
  return wasUndone && left.every(({ step }) => 'none' in step.undo) ? 'undone' : 'open'
}
