import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../core/error.ts'
import type { NodeReader } from '../engines/postgres/rows/node-reader.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { readWrites } from '../engines/postgres/rows/write-position.ts'
import { settleKeys } from '../rows/compare-keys.ts'
import type { Budget, ChunkVerdict, Comparison } from '../rows/compare-table.ts'
import { comparisonOf, compareSides } from '../rows/compare-table.ts'
import type { Pair, Wait } from '../rows/fence.ts'
import type { TableName } from '../rows/prepare.ts'
import { alikeWay, prepare } from '../rows/prepare.ts'
import { remedyOf, wordsOf } from '../rows/refusal.ts'
import { unverifiable } from './report.ts'

const limits = {
  quietMs: {
    default: 5_000,
    unit: 'ms',
    why: 'whoever carries rows to the right node by hand or by program has begun by then',
  },
} as const

export interface TwoNodes {
  readonly source: NodeReader
  readonly target: NodeReader
}

/**
 * Compares a table of two nodes of which neither is known to follow the other. No position tells when the right node has what
 * the left one had, so that a row that differs may always be on its way. Only where neither server has begun to write anything
 * from before the first read until after the last, seconds later, is nothing on its way: then it differs. Else it is unsettled.
 */
export async function* compareDeclared(
  { source, target }: TwoNodes,
  name: TableName,
  budget: Budget,
  signal: AbortSignal,
): AsyncGenerator<ChunkVerdict, void, void> {
  // A subscriber's view: what each node computes by itself is not compared.
  const pair: Pair = { source, target, follows: { kind: 'logical', subscription: '' } }
  try {
    const way = await alikeWay(pair, budget.selfTests ?? new Map(), signal)
    const prepared = await prepare(pair, { ...name, columns: null, rowFilter: null }, signal)
    const comparison = comparisonOf(pair, prepared, { passive: true, images: budget.images ?? true, way })
    const fence = async (): Promise<Wait> => Promise.resolve({ reached: true, ms: 0 })
    const unfenced: Comparison = { ...comparison, sides: { ...comparison.sides, fence } }
    let before = await writesOf(pair, signal)
    for await (const chunk of compareSides(unfenced, budget, signal)) {
      yield chunk.verdict === 'divergent' ? await quiet(chunk, unfenced, pair, { before, budget, signal }) : chunk
      before = await writesOf(pair, signal)
    }
    if (prepared.left.length > 0)
      yield unverifiable(prepared.left.join('; '), `Make the columns of ${name.table} the same on both nodes.`)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AntemortemError) yield unverifiable(error.message, error.hint)
    else if (error instanceof ReadFailed) yield unverifiable(wordsOf(error), remedyOf(error, name.schema, name.table))
    else throw error
  }
}

interface Reading {
  readonly before: string
  readonly budget: Budget
  readonly signal: AbortSignal
}

async function quiet(
  chunk: ChunkVerdict,
  comparison: Comparison,
  pair: Pair,
  { before, budget, signal }: Reading,
): Promise<ChunkVerdict> {
  await sleep(limits.quietMs.default, undefined, { signal })
  const keys = chunk.differing.map(({ key }) => key)
  const again = keys.length === 0 || chunk.more ? chunk : await settleKeys(comparison, keys, budget, signal)
  const isQuiet = (await writesOf(pair, signal)) === before
  if (isQuiet) return chunk
  const left = again.differing.length
  if (again === chunk || again.verdict === 'unverifiable')
    return unsettled(chunk, chunk.rows, 'it is written meanwhile')
  if (left === 0 && again.unsettled === 0) return { ...chunk, verdict: 'consistent', differing: [], unsettled: 0 }
  const examples = again.differing.slice(0, 3).map(({ key }) => key.join(', '))
  return unsettled(chunk, left + again.unsettled, `rows differ that may be on their way: ${examples.join('; ')}`)
}

const unsettled = (chunk: ChunkVerdict, rows: number, why: string): ChunkVerdict => ({
  ...chunk,
  verdict: 'unsettled',
  differing: [],
  more: false,
  unsettled: rows,
  detail: `neither node is known to follow the other, and something was written while they were compared: ${why}`,
  remedy: 'Compare them while nothing is written to either, or name nodes of which one follows the other.',
})

const writesOf = async ({ source, target }: TwoNodes, signal: AbortSignal): Promise<string> =>
  (await Promise.all([readWrites(source, signal), readWrites(target, signal)])).join('/')
