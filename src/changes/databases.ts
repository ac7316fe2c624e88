import type { DatabaseFact } from '../core/facts/postgres/activity.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

const parts: readonly ((database: DatabaseFact) => string)[] = [
  ({ allowsConnections }) => (allowsConnections ? 'allows connections' : 'allows no connections'),
  // -2 stands for a DROP DATABASE that did not come to its end.
  ({ connectionLimit }) =>
    connectionLimit === -2
      ? 'half dropped'
      : connectionLimit < 0
        ? 'no connection limit'
        : `connection limit ${connectionLimit}`,
]

const words = (database: DatabaseFact, of = parts): string => of.map((part) => part(database)).join('; ')

/** A database created or dropped, or one that lets other sessions in than before. Counters and ages move by themselves: no change of anybody's. */
export function* databaseDifferences(
  node: string,
  before: readonly DatabaseFact[],
  after: readonly DatabaseFact[],
): Iterable<Difference> {
  for (const [name, old, now] of pairByName(before, after, (database) => database.name)) {
    const changed = old && now ? parts.filter((part) => part(old) !== part(now)) : parts
    if (changed.length === 0) continue
    yield {
      kind: old && now ? 'access' : 'schema',
      object: subject.database(node, name),
      before: old ? words(old, changed) : null,
      after: now ? words(now, changed) : null,
    }
  }
}
