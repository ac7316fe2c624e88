import type { GateFinding, GateLock, RollbackClass } from '../core/gate.ts'
import { duration } from '../report/duration.ts'
import type { Style } from '../report/style.ts'
import { table } from '../report/table.ts'
import { wrap } from '../report/wrap.ts'
import type { RehearsalReport } from './rehearse.ts'

export interface PrintOptions {
  readonly style: Style
  /** Of the terminal. */
  readonly width: number
}

/** How far a change can be taken back, in words. */
export const classWords: Readonly<Record<RollbackClass, string>> = {
  R0: 'its own transaction undoes it, or there is nothing to undo',
  R1: 'an exact inverse brings it back',
  R2: 'its inverse needs a new copy of tables on the subscribers',
  R3: 'only a backup or another node brings it back',
  R4: 'nothing brings it back',
}

/** The report for people: the verdict first, then what to do, then what was measured, then what nobody looked at. */
export function printRehearsal(report: RehearsalReport, options: PrintOptions): readonly string[] {
  const { style, width } = options
  const verdict = {
    pass: style.good('PASS'),
    warn: style.warning('WARN'),
    block: style.bad('BLOCK'),
  }[report.verdict]
  const count = report.findings.length
  const found = count === 0 ? 'nothing speaks against it' : `${count} ${count === 1 ? 'finding' : 'findings'}`
  return [
    `${verdict} ${style.strong(report.change)}: ${found}, rehearsed in ${duration(report.tookMs)}`,
    ...sampleLines(report, options),
    ...report.findings.flatMap((finding) => ['', ...findingLines(finding, options)]),
    ...section('Locks', lockLines(report.locks, width), style),
    ...section('Way back', wayBackLines(report, width), style),
    ...section('Nobody asked for', undeclaredLines(report, width), style),
    ...section(
      'Notes',
      report.notes.flatMap((note) => wrap(note, width - 2, '  ')),
      style,
    ),
    ...section(
      'Not rehearsed',
      report.notRehearsed.flatMap((words) => wrap(words, width - 2, '  ')),
      style,
    ),
    ...(report.kept === null
      ? []
      : ['', `The copy runs, with the change in it, until: antemortem lab down --dir ${report.kept}`]),
  ]
}

/** Said before all else: somebody must know where production's rows have been. */
function sampleLines({ sample, kept }: RehearsalReport, { style, width }: PrintOptions): readonly string[] {
  if (sample === null) return []
  const end = kept === null ? 'they are gone with the copy' : `they are in ${kept} until the copy is ended`
  const lines = sample.map(({ table, rows, masked, problem }) => {
    if (problem !== null) return `${table}: none: ${problem}`
    return `${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}, ${masked.length === 0 ? 'nothing masked' : `masked: ${masked.join(', ')}`}`
  })
  const none = 'none: the change names no table that has rows'
  return [
    '',
    `${style.bad('REAL ROWS')} of production were copied here (--sample); ${end}`,
    ...indented((lines.length === 0 ? [none] : lines).flatMap((line) => wrap(line, width - 2, '  '))),
  ]
}

/** One finding: what, where, why, and what to do. */
export function findingLines(
  { rule, object, nodes, severity, message, remedy }: GateFinding,
  { style, width }: PrintOptions,
): readonly string[] {
  const colour = severity === 'warning' ? 'warning' : severity === 'info' ? 'faint' : 'bad'
  const isNamed = nodes.every((node) => object.startsWith(node))
  const [first = '', ...file] = remedy.split('\n')
  return [
    `${style[colour](severity)} ${style.name(object)}${isNamed ? '' : ` on ${nodes.join(', ')}`} ${style.faint(rule)}`,
    ...indented(wrap(message, width - 2)),
    ...indented(wrap(first, width - 2)),
    // A file in a remedy is there to be copied: it keeps its lines.
    ...indented(indented(file)),
  ]
}

function lockLines(locks: readonly GateLock[], width: number): readonly string[] {
  const rows = locks.map(({ node, object, mode, heldMs, rewrites }) => [
    node,
    object,
    mode,
    duration(heldMs),
    rewrites ? 'writes the table anew' : '',
  ])
  return table(rows, { align: ['left', 'left', 'left', 'right'], width: width - 2 })
}

/** The class, how it is known, and the statements, to be copied. */
const wayBackLines = ({ rollback, wayBack: { steps, words } }: RehearsalReport, width: number): readonly string[] => [
  ...wrap(`${rollback}: ${classWords[rollback]}`, width - 2),
  ...wrap(words, width - 2),
  ...steps.flatMap(({ node, sql }, n) => [
    ...(steps[n - 1]?.node === node ? [] : [`  -- antemortem:on ${node}`]),
    `  ${sql};`,
  ]),
]

const undeclaredLines = ({ undeclared }: RehearsalReport, width: number): readonly string[] =>
  undeclared.flatMap(({ object, before, after }) =>
    wrap(`${object}: ${after ?? 'gone'}${before === null ? '' : ` (before: ${before})`}`, width - 2, '  '),
  )

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => (line === '' ? '' : `  ${line}`))

/** A part of a report under its title; nothing where it is empty. */
export const section = (title: string, lines: readonly string[], style: Style): readonly string[] =>
  lines.length === 0 ? [] : ['', style.strong(title), ...indented(lines)]
