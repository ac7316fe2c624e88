import { AntemortemError } from '../core/error.ts'
import type { Key } from '../engines/postgres/rows/comparable.ts'
import { everything } from '../engines/postgres/rows/comparable.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { carryOut } from './compare/carry-out.ts'
import { begin, next } from './compare/next.ts'
import type { ChunkVerdict, CompareLimits, Step } from './compare/state.ts'
import { defaults } from './compare/state.ts'
import { at, newChunk } from './compare/step.ts'
import type { Budget, Comparison } from './compare-table.ts'
import { comparisonOf } from './compare-table.ts'
import type { Pair } from './fence.ts'
import type { TableScope } from './prepare.ts'
import { assertAlike, prepare } from './prepare.ts'
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
    await assertAlike(pair, new Map(), signal)
    const prepared = await prepare(pair, scope, signal)
    return await settleKeys(comparisonOf(pair, prepared, budget.passiveFence ?? false), keys, budget, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AntemortemError) return unasked(error.message, error.hint)
    if (!(error instanceof ReadFailed)) throw error
    return unasked(wordsOf(error), remedyOf(error, scope.schema, scope.table))
  }
}

/** The same between two sides that are there already. */
export async function settleKeys(
  { sides }: Pick<Comparison, 'sides'>,
  keys: readonly Key[],
  budget: Budget,
  signal: AbortSignal,
): Promise<ChunkVerdict> {
  const width = sides.source.key.length
  if (width === 0 || keys.some((key) => key.length !== width))
    return unasked('its key is another one than when its rows were found to differ', 'Compare the whole table again.')
  let step = beginKeys(keys, budget)
  for (;;) {
    if (step.verdict) return step.verdict
    if (step.ask === null) throw new Error('a comparison of keys ended without a verdict')
    step = next(step.state, await carryOut(step.ask, sides, signal))
  }
}

function beginKeys(keys: readonly Key[], budget: Budget): Step {
  const limits: CompareLimits = {
    firstRows: budget.firstRows ?? defaults.firstRows.default,
    chunkMs: budget.chunkMs ?? defaults.chunkMs.default,
    fenceMs: budget.fenceMs ?? defaults.fenceMs.default,
    mostDiffering: budget.mostDiffering ?? defaults.mostDiffering.default,
  }
  // Not in the same order: else a whole table whose keys are all equal would be hashed once more as one range.
  const { state } = begin(limits, { hasKey: true, sameOrder: false }, null)
  const suspects = keys.map((key) => ({ key, rounds: 0, extraVersion: null }))
  return at(state, { at: 'settle', chunk: newChunk(everything), todo: [], suspects })
}

const unasked = (detail: string, remedy: string): ChunkVerdict => ({
  verdict: 'unverifiable',
  range: everything,
  rows: 0,
  differing: [],
  more: false,
  unsettled: 0,
  detail,
  remedy,
})
