import type { ReviewFinding, ReviewReport } from '../../core/gate.ts'
import type { Style } from '../../report/style.ts'
import { wrap } from '../../report/wrap.ts'

export interface PrintOptions {
  readonly style: Style
  /** Of the terminal. */
  readonly width: number
  /** What was reviewed. */
  readonly change: string
}

/** Nobody reads more; the worst come first. */
const most = 200

/** The review for people: the verdict, then each finding with its place, then what nobody looked at. */
export function printReview(report: ReviewReport, options: PrintOptions): readonly string[] {
  const { style, width, change } = options
  const verdict = { pass: style.good('PASS'), warn: style.warning('WARN'), block: style.bad('BLOCK') }[report.verdict]
  const count = report.findings.length
  const found = count === 0 ? 'nothing speaks against it' : `${count} ${count === 1 ? 'finding' : 'findings'}`
  const by = report.basis === 'topology' ? 'by its text and the cluster' : 'by its text alone'
  const asked = `${report.statements} ${report.statements === 1 ? 'statement' : 'statements'}`
  return [
    `${verdict} ${style.strong(change)}: ${found}, reviewed ${by} (${asked})`,
    ...report.findings.slice(0, most).flatMap((finding) => ['', ...findingLines(finding, style, width)]),
    ...(count > most ? ['', `${count - most} more findings, none of them worse: --format json has them all`] : []),
    ...section('Not seen', report.blind, style, width),
    ...section('Notes', report.notes, style, width),
  ]
}

function findingLines(finding: ReviewFinding, style: Style, width: number): readonly string[] {
  const { rule, object, nodes, severity, message, remedy, file, line } = finding
  const colour = severity === 'warning' ? 'warning' : severity === 'info' ? 'faint' : 'bad'
  const isNamed = nodes.every((node) => object.startsWith(`${node}:`))
  const [first = '', ...more] = remedy.split('\n')
  return [
    `${style[colour](severity)} ${file}:${line} ${style.name(object)}${isNamed ? '' : ` on ${nodes.join(', ')}`} ${style.faint(rule)}`,
    ...indented(wrap(message, width - 2)),
    ...indented(wrap(first, width - 2)),
    // Statements in a remedy are there to be copied: they keep their lines.
    ...indented(indented(more)),
  ]
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => (line === '' ? '' : `  ${line}`))

const section = (title: string, texts: readonly string[], style: Style, width: number): readonly string[] =>
  texts.length === 0 ? [] : ['', style.strong(title), ...indented(texts.flatMap((text) => wrap(text, width - 2, '  ')))]
