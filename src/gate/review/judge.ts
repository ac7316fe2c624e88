import type { GateVerdict, ReviewFinding } from '../../core/gate.ts'
import type { Severity } from '../../core/severity.ts'
import { atLeast, severities } from '../../core/severity.ts'
import type { ReviewInput } from './input.ts'
import type { ReviewDraft, ReviewRule } from './rule.ts'

export interface ReviewJudgement {
  readonly verdict: GateVerdict
  readonly findings: readonly ReviewFinding[]
  /** What comments have muted, and which of them have ended. */
  readonly notes: readonly string[]
}

export interface ReviewJudging {
  readonly rules: readonly ReviewRule[]
  /** Somebody else's, for warnings at most. */
  readonly others: readonly ReviewFinding[]
  readonly failOn: Severity
}

/** Lets every rule look, mutes what the comments of the change mute, and says what follows. Pure. */
export function judgeReview(input: ReviewInput, { rules, others, failOn }: ReviewJudging): ReviewJudgement {
  const notes: string[] = []
  const findings: ReviewFinding[] = []
  for (const rule of rules)
    for (const draft of rule.run(input)) {
      const { file, line, ignores, isDump = false } = draft.at
      if (isDump && rule.id.startsWith('locks/')) continue
      const ignore = ignores.filter((one) => one.rule === rule.id).sort((a, b) => (a.until < b.until ? 1 : -1))[0]
      if (ignore && ignore.until >= input.today) {
        notes.push(
          `${rule.id} on ${draft.object} is ignored until ${ignore.until} (${file}:${ignore.line}): ${ignore.reason}`,
        )
        continue
      }
      if (ignore)
        notes.push(
          `${file}:${ignore.line}: the ignore comment for ${rule.id} ended on ${ignore.until} and mutes nothing`,
        )
      findings.push(findingOf(rule, draft, file, line))
    }
  findings.push(...others)
  findings.sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity) || rank(a) - rank(b))
  const blocks = findings.some(({ severity }) => atLeast(severity, failOn))
  const warns = findings.some(({ severity }) => atLeast(severity, 'warning'))
  return { verdict: blocks ? 'block' : warns ? 'warn' : 'pass', findings, notes }
}

const findingOf = (rule: ReviewRule, draft: ReviewDraft, file: string, line: number): ReviewFinding => ({
  rule: rule.id,
  consequence: draft.consequence ?? rule.consequence,
  object: draft.object,
  nodes: draft.nodes,
  severity: draft.severity ?? rule.severity,
  message: draft.message,
  remedy: draft.remedy,
  file,
  line,
  basis: draft.basis,
})

/** What happens to replication first, then to servers and rows, then locks, then applications. */
const order = ['replication', 'configuration', 'server', 'access', 'data', 'capacity', 'locks', 'application']

const rank = ({ rule }: ReviewFinding): number => {
  const at = order.indexOf(rule.slice(0, rule.indexOf('/')))
  return at < 0 ? order.length : at
}
