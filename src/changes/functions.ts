import type { FunctionFact } from '../core/facts/postgres/objects.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

const words = ({ arguments: args, volatility, digest, indexes }: FunctionFact): string =>
  `(${args}) ${volatility}, definition ${digest.slice(0, 8)}${indexes.length === 0 ? '' : `, used by index ${indexes.join(', ')}`}`

/**
 * A function created, dropped, or replaced by another of the same name. An index that calls it keeps what the old one said:
 * that is why it is named; one that came or went is told with its table.
 */
export function* functionDifferences(
  node: string,
  before: readonly FunctionFact[],
  after: readonly FunctionFact[],
): Iterable<Difference> {
  const signature = (one: FunctionFact): string => `${one.schema}.${one.name}(${one.arguments})`
  for (const [, old, now] of pairByName(before, after, signature)) {
    const one = now ?? old
    if (!one || (old && now && old.digest === now.digest && old.volatility === now.volatility)) continue
    yield {
      kind: 'schema',
      object: subject.function(node, one.schema, one.name),
      before: old ? words(old) : null,
      after: now ? words(now) : null,
    }
  }
}
