import { z } from 'zod'
import type { ReviewReport } from '../core/gate.ts'
import { gateFindingShape } from './gate.ts'
import { list } from './scalar.ts'

export const reviewReportShape = z.object({
  change: z.string(),
  verdict: z.enum(['pass', 'warn', 'block']),
  findings: list(
    gateFindingShape.extend({
      file: z.string(),
      line: z.number(),
      basis: z.enum(['text', 'topology', 'probe', 'squawk']),
    }),
  ),
  basis: z.enum(['text', 'topology']),
  statements: z.number(),
  not_seen: list(z.string()),
  notes: list(z.string()),
  took_ms: z.number(),
})

export interface Reviewed {
  /** What was reviewed, as its caller named it. */
  readonly change: string
  readonly tookMs: number
}

export const reviewReportJson = (report: ReviewReport, { change, tookMs }: Reviewed) =>
  ({
    change,
    verdict: report.verdict,
    findings: report.findings,
    basis: report.basis,
    statements: report.statements,
    not_seen: report.blind,
    notes: report.notes,
    took_ms: tookMs,
  }) satisfies z.output<typeof reviewReportShape>
