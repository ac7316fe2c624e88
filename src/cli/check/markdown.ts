import type { Finding } from '../../core/finding.ts'
import { severities } from '../../core/severity.ts'
import { markdownDetails, markdownTable, plainMarkdown } from '../../report/markdown.ts'
import { groupBlind } from '../text/blind.ts'
import { endedText } from './ended.ts'
import { neededUrl } from './needed-url.ts'
import type { AuditReport, CheckReport } from './report.ts'

/** The report for a comment on a pull request, or a page of a wiki: what to do stands open, the rest is folded away. */
export const reportMarkdown = (report: CheckReport): string =>
  [
    ...report.audits.flatMap((audit) => [...auditLines(audit), '']),
    ...report.endedMutes.map((mute) => `> ${plainMarkdown(endedText(mute))}\n`),
  ].join('\n')

function auditLines(audit: AuditReport): readonly string[] {
  const { name, nodes, counted, muted, known, resolved, results, unnamed } = audit
  const looked = results.filter((result) => result.looked.length > 0).length
  const counts = severities
    .toReversed()
    .map((severity) => [counted.filter((finding) => finding.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `${count} ${severity}`)
  const blind = groupBlind(results)
  return [
    `## ${plainMarkdown(name)}: ${counts.length === 0 ? 'nothing found' : counts.join(', ')}`,
    '',
    nodes.map((node) => `${plainMarkdown(node.name)} (${node.role ?? 'not seen'})`).join(' · '),
    '',
    ...(counted.length === 0
      ? [`${looked} checks looked.`]
      : markdownTable(['severity', 'what is wrong', 'what to do', 'check'], counted.map(row))),
    ...folded(`${muted.length} muted`, muted, ({ message, muted: mute }) => [
      `${plainMarkdown(message)}: ${plainMarkdown(`${mute?.owner ?? ''}: ${mute?.reason ?? ''}`)}`,
    ]),
    ...folded(`${known.length} known from the baseline`, known, ({ message }) => [plainMarkdown(message)]),
    ...folded(`${resolved.length} resolved since the baseline`, resolved, ({ message }) => [plainMarkdown(message)]),
    ...folded(`${blind.length} not seen`, blind, ({ where, detail, remedy, checks }) => [
      `${plainMarkdown(where)}: ${plainMarkdown(detail)} (${plainMarkdown(checks)}). ${plainMarkdown(remedy)}`,
    ]),
    ...folded(`${unnamed.length} servers have no URL here`, unnamed, (server) => [
      `${server.role} ${plainMarkdown(server.name)}, by ${plainMarkdown(server.by)}: \`${neededUrl(server, nodes)}\``,
    ]),
  ]
}

const row = ({ severity, message, remedy, check }: Finding): readonly string[] => [
  severity === 'critical' || severity === 'error' ? `**${severity}**` : severity,
  plainMarkdown(message),
  plainMarkdown(remedy),
  `\`${check}\``,
]

const folded = <T>(summary: string, entries: readonly T[], words: (entry: T) => readonly string[]): readonly string[] =>
  entries.length === 0
    ? []
    : [
        '',
        ...markdownDetails(
          summary,
          entries.flatMap(words).map((line) => `- ${line}`),
        ),
      ]
