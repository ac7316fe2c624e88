import type { Finding } from '../../core/finding.ts'
import type { Severity } from '../../core/severity.ts'
import type { Style } from '../../report/style.ts'
import { table } from '../../report/table.ts'
import { wrap } from '../../report/wrap.ts'
import { neededUrl } from '../check/needed-url.ts'
import type { AuditReport } from '../check/report.ts'
import { groupBlind } from './blind.ts'

const column = 10

export const paintSeverity = (severity: Severity, style: Style): string => {
  const word = severity.padEnd(column - 2)
  return severity === 'info' ? style.faint(word) : severity === 'warning' ? style.warning(word) : style.bad(word)
}

/** What a one-shot audit found, gravest first, each with what to do; then what is lived with, and what could not be seen. */
export function auditText(audit: AuditReport, style: Style, width: number): readonly string[] {
  const { name, nodes, results, counted, muted, known, resolved, unnamed } = audit
  const looked = results.filter((result) => result.looked.length > 0).length
  const entry = (word: string, text: string, then: string): readonly string[] => [
    oneLine(word, text),
    ...wrap(then, width - column).map((line) => `${' '.repeat(column)}${style.name(line)}`),
  ]
  const faintly = (word: string, { message, check }: Pick<Finding, 'message' | 'check'>, more = ''): string =>
    oneLine(style.faint(word.padEnd(column - 2)), `${message}${more} ${style.faint(check)}`)
  return [
    style.strong(`cluster ${name}`),
    ...table(nodes.map((node) => [`  ${node.name}`, node.role ?? 'not seen', style.faint(node.version)])),
    '',
    ...(counted.length === 0
      ? [`${looked} checks looked, and found nothing${known.length + muted.length > 0 ? ' else' : ''}`]
      : []),
    ...counted.flatMap(({ severity, message, check, remedy }) =>
      entry(paintSeverity(severity, style), `${message} ${style.faint(check)}`, remedy),
    ),
    ...muted.map((finding) => faintly('muted', finding, mutedText(finding))),
    ...known.map((finding) => faintly('known', finding)),
    ...resolved.map((finding) => faintly('resolved', finding)),
    ...groupBlind(results).flatMap(({ detail, remedy, checks, where }) =>
      entry(style.warning('not seen'), `${where}: ${detail} ${style.faint(checks)}`, remedy),
    ),
    ...unnamed.flatMap((server) =>
      entry(
        style.warning('no url  '),
        `${server.by} tells of a ${server.role}: ${server.name}`,
        `Name it too: ${neededUrl(server, nodes)}`,
      ),
    ),
  ]
}

const mutedText = ({ muted }: Finding): string =>
  muted ? ` (${muted.owner}, until ${new Date(muted.untilMs - 1).toISOString().slice(0, 10)}: ${muted.reason})` : ''

/** A message is one line, however long: people look for its words. */
const oneLine = (word: string, text: string): string => `${word}  ${text}`
