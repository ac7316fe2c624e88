import type { GateAttempt } from '../core/drill.ts'
import type { GateFinding } from '../core/gate.ts'
import { atLeast } from '../core/severity.ts'
import type { Expected } from './artefact.ts'
import type { Answer } from './gate-doors.ts'
import { isAccepted } from './judge.ts'

/** With what it was stopped for. */
export interface Attempt extends GateAttempt {
  readonly finding: GateFinding | null
}

/** What the gate said of a change, beside why it must be refused. Refused for another reason it has not been stopped. Pure. */
export function attemptOf(
  by: string,
  answer: Answer | { readonly failed: string },
  expected: Expected,
  ms: number,
): Attempt {
  const none = { by, rule: null, object: null, stopped: false, isPutBack: false, ms }
  if ('failed' in answer)
    return { ...none, verdict: null, finding: null, why: `it could not be tried here: ${answer.failed}` }
  const { verdict, findings } = answer
  const right = findings.find(
    ({ rule, object, nodes, severity }) =>
      expected.rules.includes(rule) &&
      isAccepted(object, expected.objects) &&
      nodes.includes(expected.node) &&
      atLeast(severity, 'error'),
  )
  const isStanding = expected.isPutBack === true && (answer.restored ?? []).length === 0
  if (verdict === 'block' && right && isStanding)
    return { ...none, verdict, finding: right, why: `it said block for ${right.rule}, and what was written stays so` }
  if (verdict === 'block' && right)
    return {
      ...none,
      verdict,
      finding: right,
      rule: right.rule,
      object: right.object,
      stopped: true,
      isPutBack: expected.isPutBack === true,
      why: null,
    }
  const said = [...new Set(findings.filter(({ severity }) => atLeast(severity, 'warning')).map(({ rule }) => rule))]
  const instead = said.length === 0 ? 'and found nothing' : `and found ${said.join(', ')}`
  return {
    ...none,
    verdict,
    finding: null,
    why: `it said ${verdict} ${instead}, not ${expected.rules.join(' or ')} on ${expected.objects[0] ?? ''}`,
  }
}
