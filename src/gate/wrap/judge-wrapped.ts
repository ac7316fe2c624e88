import type { GateFinding, GateVerdict } from '../../core/gate.ts'
import type { Severity } from '../../core/severity.ts'
import { atLeast, severities } from '../../core/severity.ts'
import { beatFindings } from '../beat/told.ts'
import { judge } from '../judge.ts'
import { rules } from '../rules.generated.ts'
import { asRehearsal } from './as-rehearsal.ts'
import { forCommand } from './remedies.ts'
import { wrapRules } from './rules.generated.ts'
import type { Wrapped } from './wrapped.ts'
import { beatsOf, latest } from './wrapped.ts'

export interface WrapJudgement {
  readonly verdict: GateVerdict
  /** The worst first. */
  readonly findings: readonly GateFinding[]
}

/** Lets every rule look at what a command did, and says what follows. Pure. */
export function judgeWrapped(wrapped: Wrapped, failOn: Severity): WrapJudgement {
  const own = wrapRules.flatMap((rule) =>
    [...rule.run(wrapped)].map((draft): GateFinding => {
      const { object, nodes, message, remedy } = draft
      const { rule: id = rule.id, consequence = rule.consequence, severity = rule.severity } = draft
      return { rule: id, consequence, object, nodes, severity, message, remedy }
    }),
  )
  const shared = judge(asRehearsal(wrapped), { rules, today: '', failOn }).findings.map((finding) =>
    inProduction(finding, wrapped),
  )
  const findings = unrepeated([...own, ...beatFindings(beatsOf(wrapped)), ...shared]).toSorted(
    (a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity),
  )
  const blocks = findings.some(({ severity }) => atLeast(severity, failOn))
  const warns = findings.some(({ severity }) => atLeast(severity, 'warning'))
  return { verdict: blocks ? 'block' : warns ? 'warn' : 'pass', findings }
}

/** A rehearsal says how the change should have been written; here it has been made already, and the check says how to mend it. */
function inProduction(finding: GateFinding, wrapped: Wrapped): GateFinding {
  const { results } = latest(wrapped)
  const same = results
    .filter(({ check }) => mending.has(check))
    .flatMap(({ found }) => found)
    .find(({ subject, node }) => subject === finding.object && (node === undefined || finding.nodes.includes(node)))
  return same ? { ...finding, remedy: same.remedy } : forCommand(finding, latest(wrapped).snapshot, 'production')
}

const mending = new Set(['replication/table-not-published', 'replication/schema-parity', 'replication/row-consistency'])

/** That a subscriber was written to says more than that its rows are others; a worker that fails is told once, and so is a setting. */
function unrepeated(findings: readonly GateFinding[]): readonly GateFinding[] {
  const has = (rule: string, object: string): boolean =>
    findings.some((other) => other.rule === rule && other.object === object)
  return findings.filter(
    ({ rule, object }) =>
      !(rule === 'replication/rows-differ' && has('replication/subscriber-written', object)) &&
      !(/^replication\/subscription-(?:errors|down)$/.test(rule) && has('replication/apply-stops', object)) &&
      !(
        /^(?:replication\/subscription-(?:down|stops)|connection\/replication-login)$/.test(rule) &&
        has('replication/connection-rewritten', object)
      ) &&
      !(rule === 'server/setting-harms' && has('configuration/dangerous-durability', object)) &&
      !(rule === 'change/undeclared' && findings.some((other) => tellsMore(other, object))),
  )
}

/** Undeclared is the least that can be said of an object. */
const tellsMore = ({ rule, object, severity }: GateFinding, about: string): boolean =>
  rule !== 'change/undeclared' && object === about && atLeast(severity, 'warning')
