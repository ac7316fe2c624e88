import type { Chunk, CompareState, Part, Step, Suspect } from './state.ts'
import { at, batchRows, changedKeys, conclude } from './step.ts'

const limits = {
  leafRows: { default: 200, unit: 'rows', why: 'so many keys and hashes are one small answer' },
  suspects: { default: 2000, unit: 'rows', why: 'are settled before more are looked for' },
  pauseMs: { default: 20, unit: 'ms', why: 'doubled with each round: another moment than the last one' },
} as const

/** What is left of a chunk: parts that are unequal and not yet located, suspects that are not yet settled. */
export interface Left {
  readonly todo: readonly Part[]
  readonly suspects: readonly Suspect[]
}

/** Locates what is unequal, settles what is suspect, and ends the chunk when nothing is left. */
export function advance(state: CompareState, chunk: Chunk, { todo, suspects }: Left): Step {
  const [part, ...rest] = todo
  if (suspects.length >= limits.suspects.default || (part === undefined && suspects.length > 0))
    return settleMore(state, chunk, { todo, suspects })
  if (part === undefined) return finish(state, chunk)
  if (state.differing + chunk.differing.length >= state.limits.mostDiffering)
    // So much differs already that the rest is only said to differ.
    return chunk.differing.length > 0 ? finish(state, { ...chunk, more: true }) : settleWhole(state, chunk)
  const isLeaf = Math.max(part.sourceRows, part.targetRows) <= limits.leafRows.default
  return at(state, { at: isLeaf ? 'rows' : 'cut', chunk, part, todo: rest, suspects })
}

/** The first batch of the suspects; once begun, all are settled before more are looked for. */
export function settleMore(state: CompareState, chunk: Chunk, { todo, suspects }: Left): Step {
  if (suspects.length === 0) return advance(state, chunk, { todo, suspects })
  const rounds = Math.max(...suspects.slice(0, batchRows).map((suspect) => suspect.rounds))
  return at(state, { at: 'settle', chunk, todo, suspects }, pauseMsOf(rounds))
}

/** For what has no key, and where too much differs already: the range as a whole. */
export const settleWhole = (state: CompareState, chunk: Chunk): Step =>
  at(state, { at: 'settle-range', chunk, rounds: [], cleared: false })

export const pauseMsOf = (rounds: number): number => (rounds === 0 ? 0 : limits.pauseMs.default * 2 ** (rounds - 1))

function finish(state: CompareState, chunk: Chunk): Step {
  if (changedKeys(chunk).length > 0) return at(state, { at: 'columns', chunk })
  // Unequal as a whole and equal row by row is lag, or an index that does not show what its table holds.
  const isCleared = chunk.differing.length === 0 && chunk.unsettled === 0 && state.sameOrder
  return isCleared ? at(state, { at: 'settle-range', chunk, rounds: [], cleared: true }) : conclude(state, chunk)
}
