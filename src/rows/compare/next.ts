import type { Key } from '../../engines/postgres/rows/comparable.ts'
import { everything } from '../../engines/postgres/rows/comparable.ts'
import { advance, conclude, isRanged, isSlow } from './advance.ts'
import { beginBuckets, compareBuckets } from './buckets.ts'
import { fail } from './fail.ts'
import { settleHeld } from './held.ts'
import { locate } from './locate.ts'
import { settle } from './settling.ts'
import type { Chunk, Comparability, CompareEvent, CompareLimits, CompareState, Step } from './state.ts'
import { at, newChunk } from './step.ts'

const limits = {
  fences: { default: 2, unit: 'fences', why: 'most of what lagged is there behind the first; what is left is located' },
  leastRows: { default: 200, unit: 'rows', why: 'below this the statements cost more than their rows' },
  mostRows: { default: 200_000, unit: 'rows', why: 'one chunk must not hold back the oldest row version for long' },
} as const

/** Begins a table: after a key, where an earlier run has come to. Without an order there is no such place: it begins anew. */
export function begin(compareLimits: CompareLimits, table: Comparability, after: Key | null): Step {
  const state: CompareState = {
    ...table,
    limits: compareLimits,
    chunkRows: compareLimits.firstRows,
    failures: 0,
    conflicts: 0,
    lags: false,
    differing: 0,
    isLate: false,
    held: [],
    queue: [],
    phase: { at: 'boundary', after },
  }
  return isRanged(state) ? at(state, state.phase) : beginBuckets(state, everything)
}

/** What to do after what has happened. Pure: the whole comparison is here, without a clock and without a database. */
export function next(state: CompareState, event: CompareEvent): Step {
  const { phase } = state
  if (event.type === 'failed') return fail(state, event)
  const calm: CompareState = { ...state, failures: 0 }
  switch (phase.at) {
    case 'boundary':
      if (event.type !== 'boundary') break
      return at(calm, { at: 'hash', chunk: newChunk({ after: phase.after, upTo: event.upTo }), fences: 0 })
    case 'hash':
      if (event.type === 'hash') return compared(calm, phase.chunk, phase.fences, event)
      break
    case 'fence':
      if (event.type !== 'fence') break
      return event.wait.reached
        ? at(
            { ...calm, lags: false, isLate: isSlow(event.wait) },
            { at: 'hash', chunk: phase.chunk, fences: phase.fences },
          )
        : conclude({ ...calm, lags: true }, phase.chunk, { verdict: 'lagging', detail: event.wait.why })
    case 'buckets':
    case 'fence-buckets':
      return compareBuckets(calm, phase, event)
    case 'cut':
    case 'parts':
    case 'split':
    case 'rows':
      return locate(calm, phase, event)
    case 'settle':
    case 'settle-range':
    case 'copies':
    case 'recheck':
      return settle(calm, phase, event)
    case 'settle-held':
    case 'recheck-held':
      return settleHeld(calm, phase, event)
  }
  throw new Error(`a comparison at ${phase.at} was told ${event.type}`)
}

function compared(
  state: CompareState,
  chunk: Chunk,
  fences: number,
  { source, target, ms }: Extract<CompareEvent, { type: 'hash' }>,
): Step {
  const known: Chunk = { ...chunk, rows: source.rows }
  const adapted =
    source.rows >= state.chunkRows / 2 ? { ...state, chunkRows: adaptedRows(state, source.rows, ms) } : state
  if (source.hash === target.hash) return conclude(adapted, known)
  if (fences < limits.fences.default && !adapted.isLate)
    return at(adapted, { at: 'fence', chunk: known, fences: fences + 1 })
  const part = { range: chunk.range, sourceRows: source.rows, targetRows: target.rows }
  return advance(adapted, known, { todo: [part], suspects: [] })
}

/** Halfway to the size that this one should have had: a single slow statement says little. */
function adaptedRows(state: CompareState, rows: number, ms: number): number {
  const wanted = (rows * state.limits.chunkMs) / Math.max(ms, 1)
  const halfway = Math.round((state.chunkRows + wanted) / 2)
  return Math.min(limits.mostRows.default, Math.max(limits.leastRows.default, halfway))
}
