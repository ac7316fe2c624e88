import type { Key, Range } from '../../engines/postgres/rows/comparable.ts'
import type { Ask, Chunk, ChunkVerdict, CompareState, Phase, Step } from './state.ts'

const limits = {
  laggingFenceMs: { default: 1000, unit: 'ms', why: 'who has not come once in a minute, does not come in the next' },
  batch: { default: 100, unit: 'rows', why: 'so many keys in one statement' },
} as const

/** So many suspects are settled, and so many rows' columns read, by one statement. */
export const batchRows = limits.batch.default

/** Goes to a phase, and asks what it needs. */
export function at(state: CompareState, phase: Phase, afterMs = 0): Step {
  const there: CompareState = { ...state, phase }
  return { state: there, ask: askOf(there, afterMs), verdict: null }
}

/** What a state waits for: asked again after a failure, or by a process that has read the state back. */
export function askOf(state: CompareState, afterMs: number): Ask {
  const { phase } = state
  const deadlineMs = state.lags ? Math.min(limits.laggingFenceMs.default, state.limits.fenceMs) : state.limits.fenceMs
  switch (phase.at) {
    case 'boundary':
      return { do: 'boundary', after: phase.after, limit: state.chunkRows, afterMs }
    case 'hash':
      return { do: 'hash', range: phase.chunk.range, afterMs }
    case 'fence':
      return { do: 'fence', deadlineMs, afterMs }
    case 'cut': {
      const { range, sourceRows, targetRows } = phase.part
      // By the side that has more: rows that only the target has may all lie between two keys of the source.
      const side = sourceRows >= targetRows ? 'source' : 'target'
      return { do: 'cut', side, range, rows: Math.max(sourceRows, targetRows), afterMs }
    }
    case 'parts':
      return { do: 'parts', range: phase.part.range, cuts: phase.cuts, afterMs }
    case 'rows':
      return { do: 'rows', range: phase.part.range, afterMs }
    case 'settle':
      return { do: 'settle', keys: phase.suspects.slice(0, batchRows).map(({ key }) => key), deadlineMs, afterMs }
    case 'settle-range':
      return { do: 'settle-range', range: phase.chunk.range, deadlineMs, afterMs }
  }
  return { do: 'columns', keys: changedKeys(phase.chunk), afterMs }
}

export const changedKeys = (chunk: Chunk): readonly Key[] =>
  chunk.differing
    .filter(({ kind }) => kind === 'changed')
    .slice(0, batchRows)
    .map(({ key }) => key)

export const newChunk = (range: Range): Chunk => ({ range, rows: 0, differing: [], unsettled: 0, more: false })

/** Ends a chunk with what was found, and goes on behind it. Rows that differ for certain outweigh whatever else was seen. */
export function conclude(state: CompareState, chunk: Chunk, otherwise: Partial<ChunkVerdict> = {}): Step {
  const found = chunk.differing.length > 0
  const verdict: ChunkVerdict = {
    range: chunk.range,
    rows: chunk.rows,
    differing: chunk.differing,
    more: chunk.more,
    unsettled: chunk.unsettled,
    detail: null,
    remedy: null,
    ...otherwise,
    verdict: found ? 'divergent' : (otherwise.verdict ?? (chunk.unsettled > 0 ? 'unsettled' : 'consistent')),
  }
  const after: CompareState = { ...state, differing: state.differing + chunk.differing.length, failures: 0 }
  if (!state.hasKey || chunk.range.upTo === null) return { state: after, ask: null, verdict }
  return { ...at(after, { at: 'boundary', after: chunk.range.upTo }), verdict }
}
