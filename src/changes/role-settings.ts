import type { RoleSettingFact } from '../core/facts/postgres/access.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

/** What a new session of a role, in a database, begins with otherwise than before. */
export function* roleSettingDifferences(
  node: string,
  before: readonly RoleSettingFact[],
  after: readonly RoleSettingFact[],
): Iterable<Difference> {
  const objectOf = ({ role, database, name }: RoleSettingFact): string =>
    subject.roleSetting(node, role, database, name)
  for (const [object, old, now] of pairByName(before, after, objectOf)) {
    if (old?.value === now?.value) continue
    yield { kind: 'role', object, before: old?.value ?? null, after: now?.value ?? null }
  }
}
