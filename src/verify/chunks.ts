import type { Key } from '../engines/postgres/rows/comparable.ts'
import { compareKeys } from '../rows/compare-keys.ts'
import type { Budget, ChunkVerdict } from '../rows/compare-table.ts'
import { compareTable } from '../rows/compare-table.ts'
import type { Pair } from '../rows/fence.ts'
import type { TableScope } from '../rows/prepare.ts'
import { compareDeclared } from './declared.ts'
import type { WantedTable } from './wanted-table.ts'
import type { RowWork } from './work.ts'

/** The table as the rows of the two nodes are compared. */
export function pairOf({ pair, table, left, right }: Pick<RowWork, 'pair' | 'table' | 'left' | 'right'>): Pair {
  const follows =
    pair.follows === 'physical'
      ? ({ kind: 'physical' } as const)
      : ({ kind: 'logical', subscription: table.subscription ?? '' } as const)
  return { source: left, target: right, follows }
}

const budgetOf = ({ passiveFence, selfTests, fenceMs }: RowWork): Budget => ({ passiveFence, selfTests, fenceMs })

/** The table from a key on, chunk by chunk. Each verdict is still to be `judged`. */
export function chunksOf(
  work: RowWork,
  scope: TableScope,
  after: Key | null,
): AsyncGenerator<ChunkVerdict, void, void> {
  const budget = { ...budgetOf(work), after }
  return work.pair.follows === 'declared'
    ? compareDeclared({ source: work.left, target: work.right }, scope, budget, work.signal)
    : compareTable(pairOf(work), scope, budget, work.signal)
}

/** Only these rows. */
export const keysAgain = async (work: RowWork, scope: TableScope, keys: readonly Key[]): Promise<ChunkVerdict> =>
  judged(work, scope, await compareKeys(pairOf(work), scope, keys, budgetOf(work), work.signal))

/** What rows that differ mean for this table. */
export const judged = async (work: RowWork, scope: TableScope, chunk: ChunkVerdict): Promise<ChunkVerdict> =>
  suspected(excused(await bothWays(work, scope, chunk), work.table), work.table)

const suspected = (chunk: ChunkVerdict, { suspicion }: WantedTable): ChunkVerdict =>
  chunk.verdict === 'divergent' && suspicion !== null && chunk.detail === null ? { ...chunk, ...suspicion } : chunk

/** Rows that differ by the wish of whoever set replication up are no divergence, and no agreement either. */
const excused = (chunk: ChunkVerdict, { excuse }: WantedTable): ChunkVerdict =>
  chunk.verdict === 'divergent' && excuse !== null
    ? {
        ...chunk,
        verdict: 'unverifiable',
        differing: [],
        more: false,
        detail: excuse,
        remedy: 'Leave the table out (verify.tables), or compare it by a rule of your own (checks).',
      }
    : chunk

/**
 * Where the left node gets rows of this table from the right one, too, a row that differs may be on its way back. It differs
 * for certain when it also does so seen from there: then neither lacks what the other has yet to send.
 */
async function bothWays(work: RowWork, scope: TableScope, chunk: ChunkVerdict): Promise<ChunkVerdict> {
  const { back } = work.table
  if (chunk.verdict !== 'divergent' || back === null) return chunk
  const keys = chunk.differing.map(({ key }) => key)
  if (chunk.more || keys.some((key) => key.length === 0) || keys.length === 0)
    return {
      ...chunk,
      verdict: 'unsettled',
      differing: [],
      more: false,
      unsettled: chunk.rows,
      detail: 'it differs as a whole, and both nodes write it: what is on its way back cannot be told apart',
      remedy: 'Compare it while nothing is written to it.',
    }
  const reversed: Pair = {
    source: work.right,
    target: work.left,
    follows: { kind: 'logical', subscription: back },
  }
  const there = await compareKeys(reversed, scope, keys, budgetOf(work), work.signal)
  if (there.verdict !== 'consistent' && there.verdict !== 'divergent')
    return { ...there, range: chunk.range, rows: chunk.rows, differing: [] }
  const both = new Set(there.differing.map(({ key }) => JSON.stringify(key)))
  const differing = chunk.differing.filter(({ key }) => both.has(JSON.stringify(key)))
  return differing.length > 0 ? { ...chunk, differing } : { ...chunk, verdict: 'consistent', differing, detail: null }
}
