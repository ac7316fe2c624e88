import type { Check } from '../../core/check.ts'
import type { Mute } from '../../core/configuration.ts'
import type { CheckResult, Finding } from '../../core/finding.ts'
import { atLeast, severities, type Severity } from '../../core/severity.ts'
import type { Audit } from '../audit.ts'
import type { Baseline, KnownFinding } from './baseline.ts'
import { couldLook } from '../../findings/settle.ts'

/** An audit with its findings sorted by whether anybody has to do something. */
export interface AuditReport extends Audit {
  /** Gravest first; these count for the exit code. */
  readonly counted: readonly Finding[]
  readonly muted: readonly Finding[]
  /** In the baseline already. */
  readonly known: readonly Finding[]
  /** In the baseline, looked at, and gone. */
  readonly resolved: readonly KnownFinding[]
}

/** Everything that `check` has to say, in whatever form. */
export interface CheckReport {
  readonly atMs: number
  readonly audits: readonly AuditReport[]
  readonly checks: readonly Check[]
  /** The lowest severity that gives exit 1. */
  readonly floor: Severity
  readonly hasBaseline: boolean
  readonly endedMutes: readonly Mute[]
  /** The configuration's file and where its keys stand; null without one. */
  readonly source: { readonly file: string; readonly places: Readonly<Record<string, string>> } | null
}

export const failing = (report: CheckReport): readonly Finding[] =>
  report.audits.flatMap(({ counted }) => counted.filter(({ severity }) => atLeast(severity, report.floor)))

/** Sorts what was found: muted, known from the baseline, and what is left. */
export function sortAudit(audit: Audit, baseline: Baseline | null): AuditReport {
  const found = audit.results
    .flatMap((result) => result.found)
    .toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity))
  const before = baseline?.get(audit.name) ?? []
  const isKnown = (finding: Finding): boolean => before.some((known) => isSame(known, finding))
  const heard = found.filter(({ muted }) => muted === undefined)
  return {
    ...audit,
    counted: heard.filter((finding) => !isKnown(finding)),
    muted: found.filter(({ muted }) => muted !== undefined),
    known: heard.filter(isKnown),
    resolved: before.filter((known) => isGone(known, found, audit.results)),
  }
}

type Key = Pick<Finding, 'check' | 'subject'>
const isSame = (a: Key, b: Key): boolean => a.check === b.check && a.subject === b.subject

/** What could not be looked at this time is not resolved. */
function isGone(known: KnownFinding, found: readonly Finding[], results: readonly CheckResult[]): boolean {
  const result = results.find(({ check }) => check === known.check)
  return result !== undefined && couldLook(result, known) && !found.some((finding) => isSame(finding, known))
}
