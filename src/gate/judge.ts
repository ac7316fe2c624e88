import type { GateFinding, GateVerdict } from '../core/gate.ts'
import type { Severity } from '../core/severity.ts'
import { atLeast, severities } from '../core/severity.ts'
import type { Ignore } from './change/comments.ts'
import type { ChangeStatement } from './change/read-change.ts'
import { means, namesIn } from './change/relations.ts'
import type { Rehearsal } from './rehearsal.ts'
import type { GateFindingDraft, GateRule } from './rule.ts'

export interface Judgement {
  readonly verdict: GateVerdict
  readonly findings: readonly GateFinding[]
  /** What was muted, and what no longer is. */
  readonly notes: readonly string[]
}

export interface JudgeOptions {
  readonly rules: readonly GateRule[]
  /** `YYYY-MM-DD`: an ignore comment holds through its last day. */
  readonly today: string
  /** From this severity on a finding blocks. */
  readonly failOn: Severity
}

/** Lets every rule look, mutes what the change's own comments mute, and says what follows. Pure. */
export function judge(rehearsal: Rehearsal, { rules, today, failOn }: JudgeOptions): Judgement {
  const notes: string[] = []
  const findings: GateFinding[] = []
  for (const rule of rules)
    for (const draft of rule.run(rehearsal)) {
      const ignore = ignoreFor(rule, draft, rehearsal.statements)
      const place = ignore && `${ignore.statement.file}:${ignore.ignore.line}`
      if (ignore && ignore.ignore.until >= today) {
        notes.push(
          `${rule.id} on ${draft.object} is ignored until ${ignore.ignore.until} (${place}): ${ignore.ignore.reason}`,
        )
        continue
      }
      if (ignore)
        notes.push(`${place}: the ignore comment for ${rule.id} ended on ${ignore.ignore.until} and mutes nothing`)
      const { object, nodes, severity = rule.severity, consequence = rule.consequence, message, remedy } = draft
      findings.push({ rule: rule.id, consequence, object, nodes, severity, message, remedy })
    }
  const blocks = findings.some(({ severity }) => atLeast(severity, failOn))
  const warns = findings.some(({ severity }) => atLeast(severity, 'warning'))
  findings.sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity))
  return { verdict: blocks ? 'block' : warns ? 'warn' : 'pass', findings, notes }
}

interface Muting {
  readonly ignore: Ignore
  readonly statement: ChangeStatement
}

/** The comment that speaks of this rule, before a statement that is to blame or that names one of its tables; the latest. */
function ignoreFor(
  rule: GateRule,
  draft: GateFindingDraft,
  statements: readonly ChangeStatement[],
): Muting | undefined {
  return statements
    .filter((statement) => isAbout(draft, statement))
    .flatMap((statement) => statement.ignores.map((ignore) => ({ ignore, statement })))
    .filter(({ ignore }) => ignore.rule === rule.id)
    .sort((a, b) => (a.ignore.until < b.ignore.until ? 1 : -1))[0]
}

function isAbout(draft: GateFindingDraft, statement: ChangeStatement): boolean {
  if (draft.statement !== undefined) return draft.statement === statement
  const { relations } = namesIn(statement.tree)
  return draft.about.some((table) => {
    const at = table.indexOf('.')
    return relations.some((named) => means(named, table.slice(0, at), table.slice(at + 1)))
  })
}
