import type { JournalEntry, NotUndone, Plan, Step } from '../core/plan.ts'
import { hasEffect, isUnclear, lastOf } from '../store/standing.ts'

/** The last instant that a Date can hold: taking back half a change never comes too late. */
const neverMs = 8_640_000_000_000_000

/**
 * The plan that takes back what the journal says was done, last step first. Its steps keep the numbers of those they undo.
 * What has no undo, and what nobody could see the end of, is listed with its reason.
 */
export function undoOf(plan: Plan, journal: readonly JournalEntry[]): Plan {
  const last = lastOf(journal)
  const steps: Step[] = []
  const notUndone: NotUndone[] = []
  for (const { n, words, undo } of plan.steps.toReversed()) {
    const entry = last.get(n)
    if (isUnclear(entry))
      notUndone.push({ n, words, why: 'it was begun, and nobody could see whether it was done: look first' })
    else if (!hasEffect(entry)) continue
    else if ('none' in undo) notUndone.push({ n, words, why: undo.none })
    else steps.push({ ...undo.step, n, idempotent: 'check-first', undo: { none: 'it takes a step back already' } })
  }
  return {
    // The journal only grows, so what is taken back later gets another id.
    id: `${plan.id}-undo-${journal.length}`,
    kind: plan.kind,
    subject: plan.subject,
    cluster: plan.cluster,
    basis: { ...plan.basis, expiresMs: neverMs },
    steps,
    refusals: [],
    undoes: plan.id,
    notUndone,
  }
}
