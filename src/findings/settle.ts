import type { Check } from '../core/check.ts'
import type { Blind, CheckResult, Finding } from '../core/finding.ts'
import { atLeast } from '../core/severity.ts'

/** Findings that are open, by `check` and `subject`. */
export type OpenFindings = ReadonlyMap<string, Finding>

export interface Settled {
  readonly state: OpenFindings
  /** New, graver than before (what was a note and hurts now is news), or no longer muted. */
  readonly opened: readonly Finding[]
  readonly closed: readonly Finding[]
  /** Open, but its check could not look this time: neither closed nor seen again. */
  readonly frozen: readonly Finding[]
}

export const findingKey = (finding: Pick<Finding, 'check' | 'subject'>): string =>
  `${finding.check}\n${finding.subject}`

/**
 * Opens what is found and was not open, keeps its first moment, marks it sustained once it has lasted as long as its check
 * demands, and closes what was looked at and is gone. *Cannot see* freezes: absence of data is not health.
 */
export function settle(
  open: OpenFindings,
  checks: readonly Check[],
  results: readonly CheckResult[],
  atMs: number,
  thresholds: Readonly<Record<string, Readonly<Record<string, number>>>> = {},
): Settled {
  const state = new Map<string, Finding>()
  const opened: Finding[] = []
  for (const result of results) {
    const check = checks.find(({ id }) => id === result.check)
    const limit = check?.sustainMs
    const sustainMs =
      limit === undefined ? 0 : (thresholds[result.check]?.[limit] ?? check?.limits?.[limit]?.default ?? 0)
    for (const found of result.found) {
      const key = findingKey(found)
      if (state.has(key)) continue
      const known = open.get(key)
      const before = known && atLeast(known.severity, found.severity) ? known : undefined
      const sinceMs = before?.sinceMs ?? atMs
      const finding = { ...found, sinceMs, sustained: (before?.sustained ?? false) || atMs - sinceMs >= sustainMs }
      state.set(key, finding)
      if (!before || (before.muted && !found.muted)) opened.push(finding)
    }
  }
  const closed: Finding[] = []
  const frozen: Finding[] = []
  for (const [key, finding] of open) {
    if (state.has(key)) continue
    const result = results.find(({ check }) => check === finding.check)
    if (result && couldLook(result, finding)) closed.push(finding)
    else {
      state.set(key, finding)
      frozen.push(finding)
    }
  }
  return { state, opened, closed, frozen }
}

/** Was that which the finding is about looked at? What was not is neither there nor gone. */
export function couldLook(result: CheckResult, finding: Pick<Finding, 'node' | 'subject'>): boolean {
  if (finding.node === undefined)
    return result.blind.every(({ subjects }) => subjects !== undefined) && result.looked.length > 0
  const hides = ({ node, subjects }: Blind): boolean =>
    node === finding.node && (subjects === undefined || subjects.includes(finding.subject))
  return !result.blind.some(hides) && result.looked.length > 0
}
