import type { Change } from '../../core/change.ts'
import type { GateFinding } from '../../core/gate.ts'
import { duration } from '../../report/duration.ts'
import type { Style } from '../../report/style.ts'
import { cutTo } from '../../report/width.ts'
import { wrap } from '../../report/wrap.ts'
import type { WrapReport } from './report.ts'

export interface PrintOptions {
  readonly style: Style
  /** Of the terminal. */
  readonly width: number
}

const mostChanges = 30

/** The report for people: the verdict first, then what to do, then what was changed, then what nobody looked at. */
export function printWrapped(report: WrapReport, options: PrintOptions): readonly string[] {
  const { style, width } = options
  const verdict = { pass: style.good('PASS'), warn: style.warning('WARN'), block: style.bad('BLOCK') }[report.verdict]
  const count = report.findings.length
  const found = count === 0 ? 'nothing speaks against it' : `${count} ${count === 1 ? 'finding' : 'findings'}`
  const text = (lines: readonly string[]): readonly string[] => lines.flatMap((line) => wrap(line, width - 2, '  '))
  return [
    `${verdict} ${style.strong(cutTo(report.change, 60))}: ${found}, in ${duration(report.tookMs)}`,
    ...report.findings.flatMap((finding) => ['', ...findingLines(finding, options)]),
    ...section('Changed, and declared', text(changeLines(report.declared)), style),
    ...section('Changed, and not declared', text(changeLines(report.undeclared)), style),
    ...section('Notes', text(report.notes), style),
    ...section('Not looked at', text(report.notSeen), style),
  ]
}

function findingLines(
  { rule, object, nodes, severity, message, remedy }: GateFinding,
  { style, width }: PrintOptions,
): readonly string[] {
  const colour = severity === 'warning' ? 'warning' : severity === 'info' ? 'faint' : 'bad'
  const isNamed = nodes.every((node) => object.startsWith(node))
  return [
    `${style[colour](severity)} ${style.name(cutTo(object, 120))}${isNamed ? '' : ` on ${nodes.join(', ')}`} ${style.faint(rule)}`,
    ...[message, ...remedy.split('\n')].flatMap((line) => wrap(line, width - 2)).map((line) => `  ${line}`),
  ]
}

const changeLines = (changes: readonly Change[]): readonly string[] => [
  ...changes
    .slice(0, mostChanges)
    .map(({ kind, object, before, after }) => `${kind} ${object}: ${before ?? 'nothing'} → ${after ?? 'nothing'}`),
  ...(changes.length > mostChanges ? [`and ${changes.length - mostChanges} more (--format json has all)`] : []),
]

const section = (title: string, lines: readonly string[], style: Style): readonly string[] =>
  lines.length === 0 ? [] : ['', style.strong(title), ...lines.map((line) => `  ${line}`)]
