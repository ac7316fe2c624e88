import { z } from 'zod'
import type { VerifyReport } from '../core/verification.ts'
import { verdicts } from '../core/verification.ts'
import { list, time, timeOf } from './scalar.ts'

const imageShape = z.record(z.string(), z.string().nullable())

export const differingRowShape = z.object({
  key: list(z.string()),
  kind: z.enum(['missing', 'extra', 'changed']),
  columns: list(z.string()),
  left: imageShape.nullable().exactOptional(),
  right: imageShape.nullable().exactOptional(),
})

export const verifyReportShape = z.object({
  cluster: z.string(),
  at: time,
  verdict: z.enum(verdicts),
  coverage: z.number(),
  oldest_verified: time.nullable(),
  pairs: list(
    z.object({
      left: z.string(),
      right: z.string(),
      follows: z.enum(['physical', 'logical', 'declared']),
      tables: list(
        z.object({
          table: z.string(),
          verdict: z.enum(verdicts),
          rows: z.number(),
          chunks: z.number(),
          coverage: z.number(),
          oldest_verified: time.nullable(),
          differing: list(differingRowShape),
          more: z.boolean(),
          unsettled: z.number(),
          healed: z.number(),
          ms: z.number(),
          detail: z.string().nullable(),
          remedy: z.string().nullable(),
        }),
      ),
    }),
  ),
  not_covered: list(z.object({ what: z.string(), why: z.string() })),
})

const momentOf = (ms: number | null): string | null => (ms === null ? null : timeOf(ms))

export function verifyReportJson(report: VerifyReport) {
  return {
    cluster: report.cluster,
    at: timeOf(report.atMs),
    verdict: report.verdict,
    coverage: report.coverage,
    oldest_verified: momentOf(report.oldestVerifiedMs),
    pairs: report.pairs.map(({ left, right, follows, tables }) => ({
      left,
      right,
      follows,
      tables: tables.map(({ oldestVerifiedMs, ...table }) => ({
        ...table,
        oldest_verified: momentOf(oldestVerifiedMs),
      })),
    })),
    not_covered: report.notCovered,
  } satisfies z.input<typeof verifyReportShape>
}

/** Of a report that was printed earlier, for `--recheck` and for a repair. */
export const verifyReportOf = (report: z.output<typeof verifyReportShape>): VerifyReport => ({
  cluster: report.cluster,
  atMs: Date.parse(report.at),
  verdict: report.verdict,
  coverage: report.coverage,
  oldestVerifiedMs: report.oldest_verified === null ? null : Date.parse(report.oldest_verified),
  pairs: report.pairs.map(({ left, right, follows, tables }) => ({
    left,
    right,
    follows,
    tables: tables.map(({ oldest_verified: oldest, ...table }) => ({
      ...table,
      oldestVerifiedMs: oldest === null ? null : Date.parse(oldest),
    })),
  })),
  notCovered: report.not_covered,
})
