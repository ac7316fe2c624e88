import type { RoleFact } from '../core/facts/postgres/access.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

/** What a role may, each as words for both ways. */
const parts: readonly ((role: RoleFact) => string)[] = [
  ({ canLogin }) => (canLogin ? 'login' : 'no login'),
  ({ superuser }) => (superuser ? 'superuser' : 'no superuser'),
  ({ replication }) => (replication ? 'replication' : 'no replication'),
  ({ connectionLimit }) => (connectionLimit < 0 ? 'no connection limit' : `connection limit ${connectionLimit}`),
  ({ validUntilMs }) =>
    validUntilMs === null ? 'password valid for ever' : `password valid until ${new Date(validUntilMs).toISOString()}`,
]

const words = (role: RoleFact, of = parts): string => of.map((part) => part(role)).join('; ')

/** A role created or dropped, or one that may now do something else than before. Its password is nobody's to read. */
export function* roleDifferences(
  node: string,
  before: readonly RoleFact[],
  after: readonly RoleFact[],
): Iterable<Difference> {
  for (const [name, old, now] of pairByName(before, after, (role) => role.name)) {
    const changed = old && now ? parts.filter((part) => part(old) !== part(now)) : parts
    if (changed.length === 0) continue
    yield {
      kind: 'role',
      object: subject.role(node, name),
      before: old ? words(old, changed) : null,
      after: now ? words(now, changed) : null,
    }
  }
}
