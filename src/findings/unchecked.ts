import type { CheckResult, Unchecked } from '../core/finding.ts'

/**
 * What somebody can have the checks see: what the reading role may not, single objects that cannot be compared, and once for all
 * checks a server that has two names. Nodes that do not answer and what nobody configured are told by findings and by suspects.
 */
export function unchecked(results: readonly CheckResult[]): readonly Unchecked[] {
  const twins = new Set<string>()
  const isFirst = (node: string): boolean => !twins.has(node) && twins.add(node).size > 0
  return results.flatMap(({ check, blind }) =>
    blind
      .filter(
        ({ node, why, subjects }) =>
          why === 'no-privilege' ||
          (why === 'named-twice' && isFirst(node)) ||
          (subjects !== undefined && why !== 'timed-out'),
      )
      .map((each) => ({ check, ...each })),
  )
}

const keysOf = ({ check, node, why, subjects }: Unchecked): readonly string[] =>
  (subjects ?? [node]).map((subject) => `${check}\n${why}\n${subject}`)

/** Those of which something was not told before, and all that has been told then. What can be seen again is told anew. */
export function newlyUnchecked(
  told: ReadonlySet<string>,
  now: readonly Unchecked[],
): { readonly told: ReadonlySet<string>; readonly news: readonly Unchecked[] } {
  return { told: new Set(now.flatMap(keysOf)), news: now.filter((each) => keysOf(each).some((key) => !told.has(key))) }
}
