import type { Finding } from '../../core/finding.ts'
import type { Damage } from '../../integrity/damage.ts'
import type { Style } from '../../report/style.ts'
import { table } from '../../report/table.ts'
import { wrap } from '../../report/wrap.ts'
import { findingJson, uncheckedJson } from '../../shapes/finding.ts'
import { paintSeverity } from '../text/checks.ts'
import type { IntegrityLook, Looked } from './look.ts'

const indent = ' '.repeat(10)

/** Gravest first; then what was not looked at, which is never a green light. */
export function integrityText(look: IntegrityLook, style: Style, width: number): readonly string[] {
  const all = [...look.damages, ...look.findings]
  const entry = (word: string, text: string, then: string): readonly string[] => [
    `${word}  ${text}`,
    ...wrap(then, width - indent.length).map((line) => `${indent}${style.name(line)}`),
  ]
  return [
    style.strong(`cluster ${look.cluster.name}`),
    ...table(look.looked.map((each) => [`  ${each.node}`, ...coverage(each).map((cell) => style.faint(cell))])),
    '',
    ...(all.length === 0 ? [quiet(look)] : []),
    ...order.flatMap((severity) =>
      all
        .filter((each) => each.severity === severity)
        .flatMap(({ message, check, remedy }) =>
          entry(paintSeverity(severity, style), `${message} ${style.faint(check)}`, remedy),
        ),
    ),
    ...look.blind.flatMap(({ node, detail, remedy, check }) =>
      entry(style.warning('not seen'), `${node}: ${detail} ${style.faint(check)}`, remedy),
    ),
  ]
}

const order = ['critical', 'error', 'warning', 'info'] as const

const quiet = ({ blind, looked }: IntegrityLook): string =>
  looked.every(({ tables }) => tables === null)
    ? 'Nothing could be looked at:'
    : blind.length === 0
      ? 'No damage was found, and everything was looked at.'
      : `No damage was found in what was looked at; ${blind.length} things could not be looked at:`

const coverage = ({ tables, blocks, blocksRead, indexes, compared }: Looked): readonly string[] =>
  tables === null
    ? ['not seen']
    : [
        `${tables} tables`,
        `${blocksRead} of ${blocks} blocks read`,
        `${indexes} indexes checked`,
        `${compared} tables compared with the primary`,
      ]

/** `findings` as CLI.md has them; beside them what was not looked at, and how far the look went. */
export const integrityJson = (looks: readonly IntegrityLook[]) => ({
  findings: looks.flatMap(({ atMs, damages, findings }) => [
    ...damages.map((damage) => damageJson(damage, atMs)),
    ...findings.map(findingJson),
  ]),
  blind: looks.flatMap(({ blind }) => blind.map(uncheckedJson)),
  clusters: looks.map(({ cluster, looked }) => ({
    name: cluster.name,
    nodes: looked.map(({ blocksRead, ...each }) => ({ ...each, blocks_read: blocksRead })),
  })),
})

function damageJson({ mend, ...draft }: Damage, atMs: number) {
  const finding: Finding = { ...draft, sinceMs: atMs, sustained: false }
  return { ...findingJson(finding), docs: 'docs/integrity.md', mend: mend.kind === 'words' ? null : mend }
}
