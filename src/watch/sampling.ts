import type { TouchedFact } from '../core/facts/cluster.ts'
import type { NodeView } from '../core/snapshot.ts'
import type { Turns } from '../rows/turns.ts'
import { comparisonKey } from './touched-tables.ts'

/** What compares all tables in turn while it is watched, where the configuration asks for it. */
export interface Sampling {
  /** Its statements and those of the comparisons of touched tables are never on a node at once. */
  readonly turns: Turns
  /** Tables that differ, and those that cannot be compared. */
  facts(): readonly TouchedFact[]
  /** These have just changed. */
  changed(tables: readonly { readonly schema: string; readonly table: string }[]): void
  /** Each round: goes on, unless it is at work. `then` is called when its facts have changed. */
  start(nodes: readonly NodeView[], then: () => void): void
  close(): Promise<void>
}

/**
 * One fact a table and node. A newer look at a touched table wins where it tells something of all rows; that a difference is
 * late or cannot be looked at now does not end it.
 */
export function mergedFacts(compared: readonly TouchedFact[], sampled: readonly TouchedFact[]): readonly TouchedFact[] {
  if (sampled.length === 0) return compared
  const all = new Map(compared.map((fact) => [comparisonKey(fact), fact]))
  for (const fact of sampled) {
    const key = comparisonKey(fact)
    const other = all.get(key)
    all.set(key, other ? merged(other, fact) : fact)
  }
  return [...all.values()]
}

function merged(compared: TouchedFact, sampled: TouchedFact): TouchedFact {
  if (sampled.verdict !== 'different') return compared
  const isWhole = compared.verdict === 'equal' && compared.detail === null
  if (compared.verdict === 'different') {
    const times = Math.max(compared.times, sampled.times)
    return { ...compared, times, sinceMs: Math.min(compared.sinceMs, sampled.sinceMs) }
  }
  return (isWhole || compared.verdict === 'absent') && compared.atMs > sampled.atMs ? compared : sampled
}
