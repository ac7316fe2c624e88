import type { SampledTable } from '../core/rolling.ts'
import type { TableReport, VerifyReport } from '../core/verification.ts'
import { keyOf } from './rolling/entry.ts'
import type { Coverage } from './rolling/schedule.ts'

/** What somebody's last look at a table has told. All times are milliseconds since the epoch. */
export interface Told {
  /** When it was told: of two that disagree the later is right. */
  readonly atMs: number
  readonly what: 'same' | 'different' | 'unknown'
  /** Nothing that is known of its rows is older; null where they are not known to be the same. */
  readonly oldestMs: number | null
}

/** A table of a pair as a comparison was told of it. */
export type ToldTable = Told & Pick<SampledTable, 'left' | 'right' | 'name'>

/** Of all tables of a cluster's pairs, and how many are known to differ. */
export interface Known extends Coverage {
  readonly differing: number
}

/** What a finished `verify` tells of a table; null where it has settled nothing: then what was known before still is. */
export function toldBy(
  { verdict, coverage, oldestVerifiedMs: oldestMs }: TableReport,
  { atMs }: Pick<VerifyReport, 'atMs'>,
): Told | null {
  if (verdict === 'divergent' || verdict === 'corrupt') return { atMs, what: 'different', oldestMs: null }
  return verdict === 'consistent' && coverage === 1 && oldestMs !== null ? { atMs, what: 'same', oldestMs } : null
}

/** What the rolling sample knows of a table. */
export function toldBySample({
  left,
  right,
  name,
  difference,
  refusal,
  verifiedMs,
}: SampledTable): readonly ToldTable[] {
  const table = { left, right, name }
  if (difference !== null) return [{ ...table, atMs: difference.atMs, what: 'different', oldestMs: null }]
  // It could be read once, and cannot any more.
  if (refusal !== null) return [{ ...table, atMs: refusal.atMs, what: 'unknown', oldestMs: null }]
  return verifiedMs === null ? [] : [{ ...table, atMs: verifiedMs, what: 'same', oldestMs: verifiedMs }]
}

/** `keys`: every table that there is to compare, by `keyOf`. */
export function knownOf(keys: ReadonlySet<string>, told: readonly ToldTable[]): Known {
  const last = new Map<string, Told>()
  for (const each of told.toSorted((a, b) => a.atMs - b.atMs)) if (keys.has(keyOf(each))) last.set(keyOf(each), each)
  const all = [...last.values()]
  const oldest = all.flatMap(({ oldestMs }) => oldestMs ?? [])
  return {
    tables: keys.size,
    verified: oldest.length,
    differing: all.filter(({ what }) => what === 'different').length,
    oldestMs: oldest.length === 0 ? null : oldest.reduce((a, b) => Math.min(a, b)),
  }
}
