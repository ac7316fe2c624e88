import type { Scalar } from '../core/json.ts'
import type { Plan, Refusal, Step } from '../core/plan.ts'
import type { LeaseStore } from '../store/hold.ts'
import type { Clock, Store } from '../store/store.ts'

/** What a step found out or changed, for the journal and for later steps. */
export type Output = Readonly<Record<string, Scalar>>

/** What is seen of a step that was begun and whose end nobody wrote down. */
export type Probed = 'done' | 'not-done' | 'cannot-see'

export interface StepContext {
  readonly plan: Plan
  /** Aborts at the step's deadline, and when another process has taken over. What waits must take it. */
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Of the steps of this plan that are done. One that was only probed gave nothing. */
  readonly outputs: ReadonlyMap<number, Output>
  /** In a plan that undoes another: what the steps gave that are taken back. */
  readonly undoing: ReadonlyMap<number, Output>
}

/** Carries out the steps of one kind. */
export interface Doer {
  readonly kind: string
  /** Whole or not at all, as far as the server allows it. What it throws becomes the words of the journal. */
  do(step: Step, context: StepContext): Promise<Output>
  /** Reads only. Decides whether an interrupted step is repeated: in doubt it says `cannot-see`. */
  probe(step: Step, context: StepContext): Promise<Probed>
  /** Reads only. Why the step must not be begun now, or null. */
  precondition?(step: Step, context: StepContext): Promise<Refusal | null>
}

export interface PlanDeps {
  readonly store: LeaseStore & Pick<Store, 'savePlan' | 'plan' | 'plans' | 'journal' | 'journalAppend'>
  readonly clock: Clock
  /** Aborted by SIGINT: the plan stops before its next step, and can be resumed. */
  readonly signal?: AbortSignal
  /** Who acts; this process when left out. */
  readonly holder?: string
  /** How long after a crash another process has to wait. */
  readonly leaseTtlMs?: number
}
