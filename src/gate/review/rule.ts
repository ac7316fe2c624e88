import type { ReviewBasis } from '../../core/gate.ts'
import type { Severity } from '../../core/severity.ts'
import type { Place, ReviewInput } from './input.ts'

/** What a rule says against a change. */
export interface ReviewDraft {
  readonly object: string
  /** Nodes on which it would hurt; words where the cluster is not known. */
  readonly nodes: readonly string[]
  /** Where it is not the rule's own. */
  readonly severity?: Severity
  readonly consequence?: string
  readonly message: string
  readonly remedy: string
  readonly at: Place
  readonly basis: Exclude<ReviewBasis, 'squawk'>
}

/** A pure function from the text of a change, and what is known of its cluster, to what speaks against it. */
export interface ReviewRule {
  /** `group/name`: also its file, test and page. Never reused, never renamed: it stands in people's ignore comments. */
  readonly id: string
  /** What it would become in production: the id of a cause. */
  readonly consequence: string
  readonly severity: Severity
  readonly question: string
  run(input: ReviewInput): Iterable<ReviewDraft>
}

export const defineReviewRule = (rule: ReviewRule): ReviewRule => rule
