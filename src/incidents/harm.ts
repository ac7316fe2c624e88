import type { Diagnosis } from '../core/diagnosis.ts'
import type { Finding } from '../core/finding.ts'
import { atLeast } from '../core/severity.ts'
import type { Decisions } from './absorb.ts'
import { sameFinding } from './parts.ts'

/** Which checks see what users feel. The catalogue's owner says so. */
export interface HarmRules {
  /** Check ids: a critical finding of theirs is harm, once it is sustained. */
  readonly checks: ReadonlySet<string>
  /** Those of them that count the failures of users: where their cause is known, nobody waits for whether it is a hiccup. */
  readonly counted: ReadonlySet<string>
}

/** Users are hurt, or may be: enough to keep an incident open. */
export const mayHurt = (finding: Finding, rules: HarmRules): boolean =>
  finding.severity === 'critical' && rules.checks.has(finding.check)

/** Users are hurt: enough to open one. */
export const hurts = (finding: Finding, rules: HarmRules): boolean => mayHurt(finding, rules) && finding.sustained

/** The failures of users are counted, and may yet be a hiccup. */
export const isCounted = (finding: Finding, rules: HarmRules): boolean =>
  mayHurt(finding, rules) && rules.counted.has(finding.check)

/**
 * Harm that is not spoken for: what somebody has muted is, and so is what a person has called a false alarm, until it closes.
 */
export function unspoken(open: readonly Finding[], state: Decisions): readonly Finding[] {
  const dismissed = Object.values(state.incidents)
    .filter((incident) => incident.state === 'false-alarm')
    .flatMap(({ findings }) => findings.filter(({ closedMs }) => closedMs === null))
  return open.filter((finding) => !finding.muted && !dismissed.some((other) => sameFinding(other, finding)))
}

/** Does a finding hang on the incident? Hygiene that comes up in the same minutes does not, nor what is muted. */
export const belongs = (finding: Finding, diagnosis: Diagnosis | null, rules: HarmRules): boolean =>
  finding.muted === undefined &&
  (rules.checks.has(finding.check) ||
    atLeast(finding.severity, 'error') ||
    (diagnosis !== null &&
      (diagnosis.effects.includes(finding.check) ||
        diagnosis.causes.some(({ explains }) => explains.includes(finding.check)))))
