import type { Check } from '../../core/check.ts'
import { AntemortemError } from '../../core/error.ts'
import { nearest } from '../../config/nearest.ts'
import { table } from '../../report/table.ts'
import { checkPage } from '../../shapes/finding.ts'
import type { CommandContext } from '../command.ts'

/** The checks with their severity and question. */
export function listChecks(checks: readonly Check[], { format, out, style, width }: CommandContext): 0 {
  if (format === 'json')
    out.json({
      checks: checks.map(({ id, severity, question, seeds, limits }) => ({
        id,
        severity,
        question,
        seeds,
        limits: limits ?? {},
      })),
    })
  else
    for (const line of table(
      checks.map(({ id, severity, question }) => [style.name(id), severity, question]),
      { width },
    ))
      out.line(line)
  return 0
}

/** What one check asks, what it needs, and its limits with the reason for each. */
export function explainCheck(checks: readonly Check[], id: string, { format, out, style, width }: CommandContext): 0 {
  const check = checks.find((each) => each.id === id)
  if (!check) throw noCheckOf(id, checks)
  const { severity, question, needs, needsCluster, limits = {}, seeds } = check
  if (format === 'json') {
    out.json({ id: check.id, severity, question, needs, needs_cluster: needsCluster ?? [], limits, seeds })
    return 0
  }
  out.line(`${style.strong(check.id)}  ${severity}`)
  out.line(question)
  out.line()
  const rows = Object.entries(limits).map(([name, limit]) => [`  ${name}`, `${limit.default} ${limit.unit}`, limit.why])
  for (const line of table(rows, { width })) out.line(line)
  const looksAt = [...needs, ...(needsCluster ?? [])].join(', ')
  out.line(style.faint(`looks at: ${looksAt}; page: ${checkPage(check.id)}`))
  return 0
}

export function noCheckOf(word: string, checks: readonly Pick<Check, 'id'>[]): AntemortemError {
  const near = nearest(
    word,
    checks.map(({ id }) => id),
  )
  return new AntemortemError(
    'usage',
    `no check matches '${word.slice(0, 80)}'${near === null ? '' : `; did you mean '${near}'?`}`,
    'antemortem check --list names them all.',
    { exit: 2 },
  )
}
