import type { Chunk, ChunkVerdict, CompareState, Locating, Part, Step, Suspect } from './state.ts'
import { at, batchOf, newChunk, splitInto, verdictOf } from './step.ts'

const limits = {
  leafRows: { default: 200, unit: 'rows', why: 'so many keys and hashes are one small answer' },
  leafCopies: { default: 2000, unit: 'rows', why: 'without a key there is nothing to ask single rows by' },
  mostCopies: { default: 100_000, unit: 'rows', why: 'of one row, over and over: where each lies fits into memory' },
  mostBuckets: { default: 2 ** 30, unit: 'buckets', why: 'what is still together then is the same row' },
  suspects: { default: 2000, unit: 'rows', why: 'are settled before more are looked for' },
  pauseMs: { default: 20, unit: 'ms', why: 'doubled with each round: another moment than the last one' },
} as const

/** What is left of a chunk: parts that are unequal and not yet located, suspects that are not yet settled. */
export interface Left {
  readonly todo: readonly Part[]
  readonly suspects: readonly Suspect[]
}

/** Ranges of keys mean something only where both nodes sort alike; all else is compared by buckets. */
export const isRanged = ({ hasKey, sameOrder }: CompareState): boolean => hasKey && sameOrder

/** Locates what is unequal, settles what is suspect, and ends the chunk when nothing is left. */
export function advance(state: CompareState, chunk: Chunk, { todo, suspects }: Left): Step {
  const [part, ...rest] = todo
  if (suspects.length >= limits.suspects.default || (part === undefined && suspects.length > 0))
    return settleMore(state, chunk, { todo, suspects })
  if (part === undefined) return finish(state, chunk)
  if (state.differing + chunk.differing.length >= state.limits.mostDiffering)
    // So much differs already that the rest is only said to differ.
    return chunk.differing.length > 0 ? finish(state, { ...chunk, more: true }) : settleWhole(state, chunk)
  return look(state, { chunk, part, todo: rest, suspects })
}

function look(state: CompareState, locating: Locating): Step {
  const { part } = locating
  const rows = Math.max(part.sourceRows, part.targetRows)
  const isSplit = (part.range.bucket?.of ?? 1) * splitInto > limits.mostBuckets.default
  if (state.hasKey) {
    if (rows <= limits.leafRows.default || (isSplit && !isRanged(state))) return at(state, { at: 'rows', ...locating })
    return at(state, { at: isRanged(state) ? 'cut' : 'split', ...locating })
  }
  if (rows > limits.leafCopies.default && !isSplit) return at(state, { at: 'split', ...locating })
  return rows <= limits.mostCopies.default
    ? at(state, { at: 'copies', ...locating, rounds: [], looks: 0, open: null })
    : settleWhole(state, locating.chunk)
}

/** The first batch of the suspects; once begun, all are settled before more are looked for. */
export function settleMore(state: CompareState, chunk: Chunk, { todo, suspects }: Left): Step {
  if (suspects.length === 0) return advance(state, chunk, { todo, suspects })
  const rounds = Math.max(...batchOf(suspects).suspects.map((suspect) => suspect.rounds))
  return at(state, { at: 'settle', chunk, todo, suspects }, pauseMsOf(rounds))
}

/** Where too much differs already, or rows cannot be told apart: the range as a whole. */
export const settleWhole = (state: CompareState, chunk: Chunk): Step =>
  at(state, { at: 'settle-range', chunk, rounds: [], cleared: false })

export const pauseMsOf = (rounds: number): number => (rounds === 0 ? 0 : limits.pauseMs.default * 2 ** (rounds - 1))

function finish(state: CompareState, chunk: Chunk): Step {
  if (state.isPhysical && state.hasKey && chunk.differing.length > 0)
    return at(state, { at: 'recheck', chunk, left: chunk.differing })
  // Unequal as a whole and equal row by row is lag, or an index that does not show what its table holds.
  const isCleared = state.hasKey && chunk.differing.length + chunk.healed.length === 0 && chunk.unsettled === 0
  return isCleared ? at(state, { at: 'settle-range', chunk, rounds: [], cleared: true }) : conclude(state, chunk)
}

/** Ends a chunk with what was found, and goes on behind it. */
export function conclude(state: CompareState, chunk: Chunk, otherwise: Partial<ChunkVerdict> = {}): Step {
  const healed = chunk.healed.length
  const verdict = verdictOf(chunk, state.conflicts, {
    detail: healed === 0 ? null : `${healed} rows differed, and came right while they were looked at`,
    ...otherwise,
    verdict: otherwise.verdict ?? (chunk.unsettled > 0 ? 'unsettled' : 'consistent'),
  })
  const differing = state.differing + chunk.differing.length
  const after: CompareState = { ...state, differing, failures: 0, conflicts: 0 }
  if (!isRanged(state)) return { ...nextBucket(after), verdicts: [verdict] }
  if (chunk.range.upTo === null) return { state: after, ask: null, verdicts: [verdict] }
  return { ...at(after, { at: 'boundary', after: chunk.range.upTo }), verdicts: [verdict] }
}

/** Looks into the next bucket that is unequal; behind the last the table ends. */
export function nextBucket(state: CompareState): Step {
  const [part, ...queue] = state.queue
  if (part === undefined) return { state, ask: null, verdicts: [] }
  return advance({ ...state, queue }, newChunk(part.range, part.sourceRows), { todo: [part], suspects: [] })
}
