import type { CheckResult } from '../../core/finding.ts'

/** One reason often blinds many checks: it is said once. */
export function groupBlind(results: readonly CheckResult[]) {
  const all = results.flatMap(({ check, blind }) => blind.map((each) => ({ check, ...each })))
  const groups = Map.groupBy(all, ({ detail, remedy }) => `${detail}\n${remedy}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const checks = [...new Set(group.map(({ check }) => check))]
    return [
      {
        detail: first.detail,
        remedy: first.remedy,
        where: [...new Set(group.map(({ node }) => node))].join(', '),
        checks: checks.length > 3 ? `${checks.length} checks` : checks.join(', '),
      },
    ]
  })
}
