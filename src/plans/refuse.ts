import { AntemortemError } from '../core/error.ts'
import type { Plan } from '../core/plan.ts'
import type { Lease } from '../store/store.ts'
import type { Doer } from './doer.ts'

/** What must be known before anything is done. */
export function refuse(plan: Plan, nowMs: number): void {
  const [first] = plan.refusals
  if (first)
    throw new AntemortemError(
      'plan-refused',
      `plan ${plan.id} is refused: ${plan.refusals.map(({ why }) => why).join('; ')}`,
      'Mend what is named, then make the plan again.',
      { exit: 1 },
    )
  if (nowMs >= plan.basis.expiresMs)
    throw new AntemortemError(
      'plan-expired',
      `plan ${plan.id} was made from what was seen at ${timeOf(plan.basis.atMs)}, and expired at ${timeOf(plan.basis.expiresMs)}`,
      'Make the plan again: the servers may have changed since.',
    )
}

const timeOf = (ms: number): string => new Date(ms).toISOString()

/** One doer for each kind of step, or the plan is not begun. */
export function doersOf(plan: Plan, doers: readonly Doer[]): ReadonlyMap<string, Doer> {
  const byKind = new Map(doers.map((doer) => [doer.kind, doer]))
  const strange = plan.steps.find(({ kind }) => !byKind.has(kind))
  if (!strange) return byKind
  throw new AntemortemError(
    'plan-unknown-step',
    `plan ${plan.id} has a step ${strange.n} of kind ${strange.kind}, which this program cannot carry out`,
    'Carry it out with the version of antemortem that made it, or make the plan again.',
  )
}

export const busy = (plan: Plan, other: Lease): AntemortemError =>
  new AntemortemError(
    'plan-busy',
    `another process acts on ${plan.subject || plan.id}: ${other.holder}`,
    'Wait until it has finished; after a crash its lease runs out by itself.',
  )

export const unknownPlan = (id: string): AntemortemError =>
  new AntemortemError('plan-unknown', `there is no plan ${id} in the store`, 'Look at the plans that are open.', {
    exit: 2,
  })

export const alreadyBegun = (plan: Plan): AntemortemError =>
  new AntemortemError(
    'plan-begun',
    `plan ${plan.id} was begun before`,
    'Resume it, or take back what it did; a finished step is never repeated.',
  )

export const beingUndone = (plan: Plan, by: string): AntemortemError =>
  new AntemortemError('plan-undone', `plan ${plan.id} is taken back by ${by}`, `Resume ${by}, or make a new plan.`)

export const interrupted = (plan: Plan, n: number): AntemortemError =>
  new AntemortemError(
    'interrupted',
    `plan ${plan.id} was stopped before step ${n}; what was done is journalled`,
    `Resume plan ${plan.id}, or take it back.`,
    { exit: 130 },
  )

export const unclear = (plan: Plan, n: number, words: string, why: string): AntemortemError =>
  new AntemortemError(
    'step-unclear',
    `step ${n} of plan ${plan.id} (${words}) was begun, and nobody can see whether it was done: ${why}`,
    `Look at the server; then resume plan ${plan.id}, which looks again before it does anything.`,
    { exit: 4 },
  )
