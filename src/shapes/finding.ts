import { z } from 'zod'
import type { Blind, CheckResult, Finding, Muted, Unchecked } from '../core/finding.ts'
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
  muted: z.object({ owner: z.string(), reason: z.string(), until: time }).exactOptional(),
})

export const blindShape = z.object({
  node: z.string(),
  why: z.string(),
  detail: z.string(),
  remedy: z.string(),
  subjects: list(z.string()).exactOptional(),
})

export const uncheckedShape = blindShape.extend({ check: z.string() })

export const checkResultShape = z.object({
  check: z.string(),
  looked: list(z.string()),
  blind: list(blindShape),
  found: list(findingShape),
})

/** The page of a check; the team's own invariants share one. */
export const checkPage = (check: string): string =>
  check.startsWith('custom/') ? 'docs/checks/custom.md' : `docs/checks/${check}.md`

const mutedJson = ({ owner, reason, untilMs }: Muted) => ({ owner, reason, until: timeOf(untilMs) })

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
    ...(finding.muted && { muted: mutedJson(finding.muted) }),
  } satisfies z.output<typeof findingShape>
}

export function blindJson({ node, why, detail, remedy, subjects }: Blind) {
  return { node, why, detail, remedy, ...(subjects && { subjects }) } satisfies z.output<typeof blindShape>
}

export const uncheckedJson = (unchecked: Unchecked) =>
  ({ check: unchecked.check, ...blindJson(unchecked) }) satisfies z.output<typeof uncheckedShape>

export function checkResultJson(result: CheckResult) {
  return {
    check: result.check,
    looked: result.looked,
    blind: result.blind.map(blindJson),
    found: result.found.map(findingJson),
  } satisfies z.output<typeof checkResultShape>
}
