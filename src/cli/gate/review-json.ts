import type { ReviewReport } from '../../gate/review/review.ts'

/** The review as a script reads it. */
export const reviewJson = (change: string, { verdict, findings, basis, statements, blind, notes }: ReviewReport) => ({
  change,
  verdict,
  findings,
  basis,
  statements,
  not_seen: blind,
  notes,
})
