import type { AccessRuleFact, AccessRulesFact } from '../core/facts/postgres/access.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'

/** More than these are counted. */
const most = 20

const ruleText = ({ type, databases, roles, address, method, error, line }: AccessRuleFact): string =>
  error === null
    ? [type, databases.join(','), roles.join(','), address, method]
        .filter((part) => part !== null && part !== '')
        .join(' ')
    : `line ${line} is refused: ${error}`

/** The lines of one side that the other has not, or has less often. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

const joined = (lines: readonly string[]): string =>
  lines.length === 0
    ? 'no such line'
    : [...lines.slice(0, most), ...(lines.length > most ? [`and ${lines.length - most} more`] : [])].join('; ')

/** The access rules as they stand in the file: lines that came and went, or only their order, which decides too. */
export function* accessRuleDifferences(
  node: string,
  before: AccessRulesFact,
  after: AccessRulesFact,
): Iterable<Difference> {
  if (before.digest === after.digest) return
  const [old, now] = [before.rules.map(ruleText), after.rules.map(ruleText)]
  const [went, came] = [without(old, now), without(now, old)]
  const change = { kind: 'access', object: subject.accessRules(node) } as const
  if (went.length > 0 || came.length > 0) yield { ...change, before: joined(went), after: joined(came) }
  else if (old.join('\n') !== now.join('\n')) {
    const moved = (lines: readonly string[], others: readonly string[]): string =>
      `in the order ${joined(lines.filter((line, i) => line !== others[i]))}`
    yield { ...change, before: moved(old, now), after: moved(now, old) }
  } else yield { ...change, before: 'the same lines with other options', after: 'options of a line have changed' }
}
