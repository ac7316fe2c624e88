import type { GateFinding, GateVerdict } from '../../src/core/gate.ts'
import { atLeast } from '../../src/core/severity.ts'
import type { Breaks, GateCase } from '../../test/gate-cases/case.ts'

export interface Judged {
  readonly verdict: GateVerdict
  readonly findings: readonly GateFinding[]
}

/** How a stage of the gate did on one case. */
export interface Outcome {
  readonly of: GateCase
  readonly verdict: GateVerdict
  /** Of a fault: a warning or more names its consequence, object and node. Of anything else: not more than it may be. */
  readonly isRight: boolean
  readonly findings: readonly string[]
}

export function outcomeOf(of: GateCase, { verdict, findings }: Judged): Outcome {
  const counted = findings.filter(({ severity, rule }) => atLeast(severity, 'warning') && !rule.startsWith('squawk/'))
  const { breaks } = of
  const isQuiet = verdict === 'pass' || (verdict === 'warn' && of.mayWarn === true)
  return {
    of,
    verdict,
    isRight: breaks === null ? isQuiet : counted.some((finding) => names(finding, breaks, of)),
    findings: counted.map(
      ({ rule, consequence, object, nodes, severity }) =>
        `${severity} ${rule}: ${consequence} ${object} @ ${nodes.join(', ')}`,
    ),
  }
}

/** By the text alone nodes have no names: `reports` is the subscriber then. */
const asWord = (node: string): string => (node === 'subscriber' ? 'reports' : node)

function names({ consequence, object, nodes }: GateFinding, breaks: Breaks, { files }: GateCase): boolean {
  const isConsequence =
    typeof breaks.consequence === 'string'
      ? consequence === breaks.consequence
      : breaks.consequence.includes(consequence)
  const isObject =
    object === breaks.object ||
    [':', '#'].some((mark) => object.endsWith(`${mark}${breaks.object}`)) ||
    files.some((file) => isLineAbout(file, object, breaks.object))
  const found = new Set(nodes.map(asWord))
  return (
    isConsequence && isObject && found.size === breaks.nodes.length && breaks.nodes.every((node) => found.has(node))
  )
}

/** A finding may be about a statement, by the line that names the object. */
function isLineAbout({ name, text }: GateCase['files'][number], found: string, object: string): boolean {
  const line = found.startsWith(`${name}:`) ? Number(found.slice(name.length + 1)) : Number.NaN
  return (text.split('\n')[line - 1] ?? '').includes(object)
}

export const shareOf = (outcomes: readonly Outcome[]): number =>
  outcomes.length === 0 ? 0 : outcomes.filter(({ isRight }) => isRight).length / outcomes.length
