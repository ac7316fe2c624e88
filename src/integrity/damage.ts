import type { Draft } from '../core/finding.ts'
import type { Severity } from '../core/severity.ts'

/** What would mend it. Words: no program should. */
export type Mend =
  | { readonly kind: 'reindex'; readonly schema: string; readonly index: string }
  /** `donor` has the rows. */
  | { readonly kind: 'rebuild'; readonly schema: string; readonly table: string; readonly donor: string }
  | { readonly kind: 'words' }

/** A finding of the sweep, with the way back. */
export interface Damage extends Draft {
  readonly check: string
  readonly node: string
  readonly severity: Severity
  readonly mend: Mend
}

export const words: Mend = { kind: 'words' }

/** Numbers of blocks as people read them. */
export const blockText = (blocks: readonly number[]): string =>
  blocks.length > 8 ? `${blocks.slice(0, 8).join(', ')} and ${blocks.length - 8} more` : blocks.join(', ')

export const reindexCommand = 'antemortem integrity --repair plan'
