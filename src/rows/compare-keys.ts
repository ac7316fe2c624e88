import { AntemortemError } from '../core/error.ts'
import type { Key } from '../engines/postgres/rows/comparable.ts'
import { everything } from '../engines/postgres/rows/comparable.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { carryOut } from './compare/carry-out.ts'
import { begin, next } from './compare/next.ts'
import type { ChunkVerdict, Comparability, CompareLimits, Step } from './compare/state.ts'
import { defaults } from './compare/state.ts'
import { at, newChunk } from './compare/step.ts'
import type { Budget, Comparison } from './compare-table.ts'
import { comparisonOf } from './compare-table.ts'
import type { Pair } from './fence.ts'
import type { TableScope } from './prepare.ts'
import { alikeWay, prepare } from './prepare.ts'
import { remedyOf, wordsOf } from './refusal.ts'

/**
 * Settles only the rows with these keys, as a comparison settles its suspects: source, fence, target, source. `rows` of the
 * verdict is not counted. A table that has lost its key since cannot be asked, and is unverifiable.
 */
export async function compareKeys(
  pair: Pair,
  scope: TableScope,
  keys: readonly Key[],
  budget: Budget,
  signal: AbortSignal,
): Promise<ChunkVerdict> {
  try {
    const way = await alikeWay(pair, budget.selfTests ?? new Map(), signal)
    const prepared = await prepare(pair, scope, signal)
    const options = { passive: budget.passiveFence ?? false, images: budget.images ?? true, way }
    return await settleKeys(comparisonOf(pair, prepared, options), keys, budget, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AntemortemError) return unasked(error.message, error.hint)
    if (!(error instanceof ReadFailed)) throw error
    return unasked(wordsOf(error), remedyOf(error, scope.schema, scope.table))
  }
}

/** The same of a comparison that is prepared already. */
export async function settleKeys(
  { sides, table, hidesKey }: Comparison,
  keys: readonly Key[],
  budget: Budget,
  signal: AbortSignal,
): Promise<ChunkVerdict> {
  const width = hidesKey ? 0 : sides.source.key.length
  if (width === 0 || keys.some((key) => key.length !== width))
    return unasked('its key is another one than when its rows were found to differ', 'Compare the whole table again.')
  let step = beginKeys(keys, table, budget)
  for (;;) {
    const [verdict] = step.verdicts
    if (verdict) return verdict
    // All of these rows are equal; whether the range around them is, nobody has asked.
    if (step.ask === null || step.ask.do === 'settle-range') return equal
    step = next(step.state, await carryOut(step.ask, sides, signal))
  }
}

function beginKeys(keys: readonly Key[], table: Comparability, budget: Budget): Step {
  const limits: CompareLimits = {
    firstRows: budget.firstRows ?? defaults.firstRows.default,
    chunkMs: budget.chunkMs ?? defaults.chunkMs.default,
    fenceMs: budget.fenceMs ?? defaults.fenceMs.default,
    mostDiffering: budget.mostDiffering ?? defaults.mostDiffering.default,
  }
  // Rows that are asked by their keys need no order.
  const { state } = begin(limits, { ...table, sameOrder: true }, null)
  const suspects = keys.map((key) => ({ key, rounds: 0, extraVersion: null }))
  return at(state, { at: 'settle', chunk: newChunk(everything), todo: [], suspects })
}

const equal: ChunkVerdict = {
  ...newChunk(everything),
  verdict: 'consistent',
  conflicts: 0,
  detail: null,
  remedy: null,
}

const unasked = (detail: string, remedy: string): ChunkVerdict => ({
  ...equal,
  verdict: 'unverifiable',
  detail,
  remedy,
})
