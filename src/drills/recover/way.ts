import type { ClusterConfig } from '../../core/configuration.ts'
import type { DiagnosedCause } from '../../core/diagnosis.ts'
import type { Plan } from '../../core/plan.ts'
import type { Doer } from '../../plans/doer.ts'
import type { Store } from '../../store/store.ts'
import type { Judged } from '../../watch/watch.ts'

/** What a way back is made from. */
export interface WayDeps {
  readonly cause: DiagnosedCause
  readonly judged: Judged
  readonly cluster: ClusterConfig
  readonly store: Store
  readonly clock: () => number
  readonly signal: AbortSignal
  readonly digest: (text: string) => string
}

/** A plan, who carries it out, and where logins must work again. */
export interface Way {
  readonly plan: Plan
  readonly doers: readonly Doer[]
  readonly node: string
  /** A damaged table that the plan has put aside, as `schema.table`: nobody expects its rows to be right. */
  readonly aside?: string
}
