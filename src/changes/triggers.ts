import type { TriggerFact } from '../core/facts/postgres/objects.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

const states = {
  O: 'enabled',
  D: 'disabled',
  R: 'enabled where rows come by replication',
  A: 'enabled always',
} as const

const words = ({ name, enabled }: TriggerFact): string => `trigger ${name} ${states[enabled]}`

/** A trigger of a table that came, went, was switched, or does something else now. Its table is the object: null would say that there is none. */
export function* triggerDifferences(
  node: string,
  before: readonly TriggerFact[],
  after: readonly TriggerFact[],
): Iterable<Difference> {
  const fullName = ({ schema, table, name }: TriggerFact): string => `${schema}.${table}.${name}`
  for (const [, old, now] of pairByName(before, after, fullName)) {
    const one = now ?? old
    if (!one || (old && now && old.enabled === now.enabled && old.digest === now.digest)) continue
    const isOther = old && now && old.digest !== now.digest
    const text = (side: TriggerFact | undefined): string =>
      side ? `${words(side)}${isOther ? `, definition ${side.digest.slice(0, 8)}` : ''}` : `no trigger ${one.name}`
    yield {
      kind: 'schema',
      object: subject.table(node, one.schema, one.table),
      before: text(old),
      after: text(now),
    }
  }
}
