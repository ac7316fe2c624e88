import { isMasked } from '../core/sql-text.ts'
import type { TableReport, VerifyReport } from '../core/verification.ts'
import type { Key } from '../engines/postgres/rows/comparable.ts'
import type { ChunkVerdict } from '../rows/compare-table.ts'
import type { NodePair } from './pairs.ts'

/** What is looked at again of a table: the rows that differed, or all of it. */
export interface Again {
  readonly earlier: TableReport
  /** null: the whole table. */
  readonly keys: readonly Key[] | null
}

/** By name of the table; only what was not consistent. Sequences are looked at anyway. */
export function againOf(report: VerifyReport, pair: NodePair): ReadonlyMap<string, Again> {
  const earlier = report.pairs.find(({ left, right }) => left === pair.left && right === pair.right)
  const open = earlier?.tables.filter(
    ({ verdict, table }) => verdict !== 'consistent' && !table.startsWith('sequence '),
  )
  return new Map(open?.map((table) => [table.table, { earlier: table, keys: keysOf(table, pair) }]))
}

/** Rows are enough where all that differed is listed, and a fence can prove it again. */
function keysOf({ verdict, differing, more, unsettled }: TableReport, pair: NodePair): readonly Key[] | null {
  const isListed = verdict === 'divergent' && !more && unsettled === 0 && differing.length > 0
  const keys = differing.map(({ key }) => key)
  // Under a masked key no row is found on either side, which would pass for two equal ones.
  const isAsked = keys.every((key) => key.length > 0 && !key.some(isMasked))
  return isListed && isAsked && pair.follows !== 'declared' ? keys : null
}

/** What is known of the table now: its other rows as they were found then, with their time. */
export const rechecked = (earlier: TableReport, found: ChunkVerdict, ms: number): TableReport => ({
  ...earlier,
  verdict: found.verdict,
  differing: found.differing,
  more: found.more,
  unsettled: found.unsettled,
  healed: earlier.healed + found.healed.length,
  coverage:
    found.verdict === 'consistent' || found.verdict === 'divergent'
      ? earlier.coverage
      : Math.min(earlier.coverage, 0.9999),
  ms: Math.round(ms),
  detail: found.detail,
  remedy: found.remedy,
})
