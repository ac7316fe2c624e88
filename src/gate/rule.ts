import type { Severity } from '../core/severity.ts'
import type { ChangeStatement } from './change/read-change.ts'
import type { Rehearsal } from './rehearsal.ts'

/** What a rule says against a change. */
export interface GateFindingDraft {
  readonly object: string
  readonly nodes: readonly string[]
  /** Where it is not the rule's own. */
  readonly severity?: Severity
  /** The id of a cause, where this finding would become another one than the rule's. */
  readonly consequence?: string
  readonly message: string
  readonly remedy: string
  /** Tables as `schema.table`: an ignore comment on a statement that names one of them mutes the finding. */
  readonly about: readonly string[]
  /** Where one statement is to blame. */
  readonly statement?: ChangeStatement
}

/** A pure function from what happened in the rehearsal to what speaks against the change. */
export interface GateRule {
  /** `group/name`: also its file and test. Never reused, never renamed: it stands in people's ignore comments. */
  readonly id: string
  /** What it would become in production: the id of a cause. */
  readonly consequence: string
  readonly severity: Severity
  readonly question: string
  run(rehearsal: Rehearsal): Iterable<GateFindingDraft>
}

export const defineRule = (rule: GateRule): GateRule => rule
