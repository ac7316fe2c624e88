import { z } from 'zod'
import type { CheckResult, Finding } from '../core/finding.ts'
import { list, scalars, severity, time, timeOf } from './scalar.ts'

export const findingShape = z.object({
  check: z.string(),
  subject: z.string(),
  node: z.string().exactOptional(),
  severity,
  since: time,
  sustained: z.boolean(),
  message: z.string(),
  evidence: scalars,
  remedy: z.string(),
  docs: z.string(),
})

export const checkResultShape = z.object({
  check: z.string(),
  looked: list(z.string()),
  blind: list(z.object({ node: z.string(), why: z.string(), detail: z.string(), remedy: z.string() })),
  found: list(findingShape),
})

/** The page of a check; the team's own invariants share one. */
export const checkPage = (check: string): string =>
  check.startsWith('custom/') ? 'docs/checks/custom.md' : `docs/checks/${check}.md`

export function findingJson(finding: Finding) {
  return {
    check: finding.check,
    subject: finding.subject,
    ...(finding.node === undefined ? {} : { node: finding.node }),
    severity: finding.severity,
    since: timeOf(finding.sinceMs),
    sustained: finding.sustained,
    message: finding.message,
    evidence: finding.evidence,
    remedy: finding.remedy,
    docs: checkPage(finding.check),
  } satisfies z.output<typeof findingShape>
}

export function checkResultJson(result: CheckResult) {
  return {
    check: result.check,
    looked: result.looked,
    blind: result.blind.map(({ node, why, detail, remedy }) => ({ node, why, detail, remedy })),
    found: result.found.map(findingJson),
  } satisfies z.output<typeof checkResultShape>
}
