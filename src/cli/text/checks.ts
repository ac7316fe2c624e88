import type { CheckResult, Finding } from '../../core/finding.ts'
import { severities } from '../../core/severity.ts'
import type { Style } from '../../report/style.ts'
import { wrap } from '../../report/wrap.ts'

export interface Audit {
  readonly name: string
  readonly nodes: readonly { readonly name: string; readonly role: string | null; readonly version: string }[]
  readonly results: readonly CheckResult[]
}

const paint = (finding: Finding, style: Style): string => {
  const word = finding.severity.padEnd(8)
  return finding.severity === 'info'
    ? style.faint(word)
    : finding.severity === 'warning'
      ? style.warning(word)
      : style.bad(word)
}

/** What a one-shot audit found, gravest first, each with what to do; then what could not be seen. */
export function auditText({ name, nodes, results }: Audit, style: Style, width: number): readonly string[] {
  const found = results
    .flatMap((result) => result.found)
    .sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity))
  const blind = results.flatMap(({ check, blind: unseen }) => unseen.map((each) => ({ check, ...each })))
  const looked = results.filter((result) => result.looked.length > 0).length
  return [
    style.strong(`cluster ${name}`),
    ...nodes.map((node) => `  ${node.name}  ${node.role ?? 'unknown role'}  ${style.faint(node.version)}`),
    '',
    ...(found.length === 0 ? [`${looked} checks looked, and found nothing`] : []),
    ...found.flatMap((finding) => [
      `${paint(finding, style)}  ${finding.message} ${style.faint(finding.check)}`,
      ...wrap(finding.remedy, width - 10).map((line) => `          ${style.name(line)}`),
    ]),
    ...groupBlind(blind).flatMap(({ detail, remedy, checks, where }) => [
      `${style.warning('not seen')}  ${where}: ${detail} ${style.faint(checks)}`,
      ...wrap(remedy, width - 10).map((line) => `          ${style.name(line)}`),
    ]),
  ]
}

/** One reason often blinds many checks: it is said once. */
function groupBlind(
  blind: readonly { readonly check: string; readonly node: string; readonly detail: string; readonly remedy: string }[],
) {
  const groups = Map.groupBy(blind, ({ detail, remedy }) => `${detail}\n${remedy}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const checks = [...new Set(group.map(({ check }) => check))]
    return [
      {
        ...first,
        where: [...new Set(group.map(({ node }) => node))].join(', '),
        checks: checks.length > 3 ? `${checks.length} checks` : checks.join(', '),
      },
    ]
  })
}
