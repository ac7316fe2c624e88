import type { TouchedVerdict } from '../core/facts/cluster.ts'
import type { Blindness } from '../core/observation.ts'
import type { Pair } from './fence.ts'
import type { ReadBy } from './own-scans.ts'
import type { TableScope } from './prepare.ts'
import type { TouchedTable } from './touched-table.ts'

export interface TouchedQuestion extends TableScope {
  readonly pair: Pair
  /** Of a larger table only its newest rows by key are compared. */
  readonly maxRows: number
  readonly fence: { readonly deadlineMs: number; readonly passive: boolean }
  readonly signal: AbortSignal
}

/** What a `TouchedFact` needs, but for its history. */
export interface TouchedAnswer {
  readonly verdict: TouchedVerdict
  readonly detail: string | null
  readonly remedy: string | null
  /** Of what kind the reason is, where it could not be compared; null elsewhere. */
  readonly why: Blindness | null
  readonly sourceRows: number | null
  readonly nodeRows: number | null
  /** Share of the rows that was compared, 0 to 1. */
  readonly coverage: number
  /** null until the target has once shown the table. */
  readonly readBy: ReadBy | null
}

export const answer = (
  touched: TouchedTable,
  said: Pick<TouchedAnswer, 'verdict' | 'detail'> & Partial<TouchedAnswer>,
): TouchedAnswer => ({
  remedy: null,
  why: said.verdict === 'unverifiable' ? 'not-comparable' : null,
  ...touched.figures(),
  ...said,
})

/** Equal columns are not an equal table where others could not be compared. */
export const equal = (touched: TouchedTable): TouchedAnswer =>
  touched.left.length > 0
    ? answer(touched, {
        verdict: 'unverifiable',
        detail: `its other columns are equal, but ${touched.left.join('; ')}`,
        remedy: 'Give the table the same columns with the same types on both nodes.',
      })
    : answer(touched, { verdict: 'equal', detail: touched.coverageWords() })
