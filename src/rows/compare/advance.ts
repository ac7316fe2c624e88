import type { Range } from '../../engines/postgres/rows/comparable.ts'
import type { Wait } from '../fence.ts'
import type { Chunk, ChunkVerdict, CompareState, Held, Locating, Part, Step, Suspect } from './state.ts'
import { at, batchOf, newChunk, splitInto, verdictOf } from './step.ts'

const limits = {
  leafRows: { default: 200, unit: 'rows', why: 'so many keys and hashes are one small answer' },
  leafCopies: { default: 2000, unit: 'rows', why: 'without a key there is nothing to ask single rows by' },
  mostCopies: { default: 100_000, unit: 'rows', why: 'of one row, over and over: where each lies fits into memory' },
  mostBuckets: { default: 2 ** 30, unit: 'buckets', why: 'what is still together then is the same row' },
  suspects: { default: 2000, unit: 'rows', why: 'are settled before more are looked for' },
  lateMs: { default: 1000, unit: 'ms', why: 'a healthy pair is through in a tenth' },
  held: { default: 64, unit: 'chunks', why: 'as long as their verdicts may wait for each other' },
  heldSuspects: { default: 500, unit: 'rows', why: 'are worth a fence of their own' },
  pauseMs: { default: 20, unit: 'ms', why: 'doubled with each round: another moment than the last one' },
} as const

/** What is left of a chunk: parts that are unequal and not yet located, suspects that are not yet settled. */
export interface Left {
  readonly todo: readonly Part[]
  readonly suspects: readonly Suspect[]
}

/** Ranges of keys mean something only where both nodes sort alike; all else is compared by buckets. */
export const isRanged = ({ hasKey, sameOrder }: CompareState): boolean => hasKey && sameOrder

/** A target that is always late has always something under way: waiting once more does not make it equal. */
export const isSlow = ({ ms }: Wait): boolean => ms > limits.lateMs.default

/** Locates what is unequal, settles what is suspect, and ends the chunk when nothing is left. */
export function advance(state: CompareState, chunk: Chunk, { todo, suspects }: Left): Step {
  const [part, ...rest] = todo
  if (part === undefined && suspects.length > 0 && state.isLate && isRanged(state))
    return hold(state, { chunk, suspects, verdict: null })
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
  // Unequal as a whole and equal row by row is lag, or an index that does not show what its table holds. Where something is
  // always under way it is lag as a rule, and nothing could be told from it.
  const isCleared =
    state.hasKey && !state.isLate && chunk.differing.length + chunk.healed.length === 0 && chunk.unsettled === 0
  return isCleared ? at(state, { at: 'settle-range', chunk, rounds: [], cleared: true }) : conclude(state, chunk)
}

/** Ends a chunk with what was found, and goes on behind it. */
export function conclude(state: CompareState, chunk: Chunk, otherwise: Partial<ChunkVerdict> = {}): Step {
  const verdict = verdictFor(chunk, state.conflicts, otherwise)
  const differing = state.differing + chunk.differing.length
  const after: CompareState = { ...state, differing, failures: 0, conflicts: 0 }
  if (!isRanged(state)) return { ...nextBucket(after), verdicts: [verdict] }
  if (state.held.length > 0) return hold(after, { chunk, suspects: [], verdict })
  return { ...goOn(after, chunk.range.upTo), verdicts: [verdict] }
}

function verdictFor(chunk: Chunk, conflicts: number, otherwise: Partial<ChunkVerdict>): ChunkVerdict {
  const healed = chunk.healed.length
  return verdictOf(chunk, conflicts, {
    detail: healed === 0 ? null : `${healed} rows differed, and came right while they were looked at`,
    ...otherwise,
    verdict: otherwise.verdict ?? (chunk.unsettled > 0 ? 'unsettled' : 'consistent'),
  })
}

const goOn = (state: CompareState, after: Range['upTo']): Step =>
  after === null ? { state, ask: null, verdicts: [] } : at(state, { at: 'boundary', after })

/** Puts a chunk aside, until there is enough to wait for: one fence for many, where each takes long. */
function hold(state: CompareState, chunk: Held): Step {
  const held = [...state.held, chunk]
  const { upTo } = chunk.chunk.range
  const suspects = held.reduce((sum, each) => sum + each.suspects.length, 0)
  const isEnough = upTo === null || suspects >= limits.heldSuspects.default || held.length >= limits.held.default
  const holding: CompareState = { ...state, held, failures: 0 }
  if (!isEnough) return goOn(holding, upTo)
  return suspects > 0 ? at(holding, { at: 'settle-held' }) : release(holding)
}

/** Tells what was put aside, in its order; `unknown` is what chunks are of which suspects are left. */
export function release(state: CompareState, unknown: Partial<ChunkVerdict> = {}): Step {
  const verdicts = state.held.map(({ chunk, suspects, verdict }, n) => {
    const told = verdict ?? verdictFor(chunk, 0, suspects.length > 0 ? unknown : {})
    return n === 0 ? { ...told, conflicts: told.conflicts + state.conflicts } : told
  })
  const found = state.held.reduce((sum, { chunk, verdict }) => sum + (verdict ? 0 : chunk.differing.length), 0)
  const after: CompareState = { ...state, differing: state.differing + found, held: [], failures: 0, conflicts: 0 }
  return { ...goOn(after, state.held.at(-1)?.chunk.range.upTo ?? null), verdicts }
}

/** Looks into the next bucket that is unequal; behind the last the table ends. */
export function nextBucket(state: CompareState): Step {
  const [part, ...queue] = state.queue
  if (part === undefined) return { state, ask: null, verdicts: [] }
  return advance({ ...state, queue }, newChunk(part.range, part.sourceRows), { todo: [part], suspects: [] })
}
