import type { Key, Range } from '../../engines/postgres/rows/comparable.ts'
import type { Ask, Chunk, ChunkVerdict, CompareState, Phase, Step, Suspect } from './state.ts'

const limits = {
  laggingFenceMs: { default: 1000, unit: 'ms', why: 'who has not come once in a minute, does not come in the next' },
  batch: { default: 100, unit: 'rows', why: 'so many keys in one statement, with the rows as evidence' },
  sift: { default: 1000, unit: 'rows', why: 'behind one fence: most of many have only been late' },
  split: { default: 64, unit: 'buckets', why: 'a division reads the whole table: few of them, and fine' },
} as const

/** So many rows that differ are looked at again by one statement. */
export const batchRows = limits.batch.default

/** Suspects that one round settles. */
export interface Batch {
  readonly suspects: readonly Suspect[]
  readonly rest: readonly Suspect[]
  /** There are many, and nobody has looked at them yet: a round without evidence proves nothing, but clears what was late. */
  readonly isSift: boolean
}

export function batchOf(suspects: readonly Suspect[]): Batch {
  const fresh = suspects.filter(({ rounds }) => rounds === 0)
  if (fresh.length <= batchRows)
    return { suspects: suspects.slice(0, batchRows), rest: suspects.slice(batchRows), isSift: false }
  const sifted = new Set(fresh.slice(0, limits.sift.default))
  return { suspects: [...sifted], rest: suspects.filter((suspect) => !sifted.has(suspect)), isSift: true }
}

/** Into so many finer ones an unequal bucket is divided. */
export const splitInto = limits.split.default

/** Goes to a phase, and asks what it needs. */
export function at(state: CompareState, phase: Phase, afterMs = 0): Step {
  const there: CompareState = { ...state, phase }
  return { state: there, ask: askOf(there, afterMs), verdicts: [] }
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
    case 'buckets':
      return { do: 'buckets', range: phase.range, of: phase.of, afterMs }
    case 'fence':
    case 'fence-buckets':
      return { do: 'fence', deadlineMs, afterMs }
    case 'cut': {
      const { range, sourceRows, targetRows } = phase.part
      // By the side that has more: rows that only the target has may all lie between two keys of the source.
      const side = sourceRows >= targetRows ? 'source' : 'target'
      return { do: 'cut', side, range, rows: Math.max(sourceRows, targetRows), afterMs }
    }
    case 'split':
      return { do: 'buckets', range: phase.part.range, of: (phase.part.range.bucket?.of ?? 1) * splitInto, afterMs }
    case 'parts':
      return { do: 'parts', range: phase.part.range, cuts: phase.cuts, afterMs }
    case 'rows':
      return { do: 'rows', range: phase.part.range, afterMs }
    case 'copies':
      return { do: 'settle-copies', range: phase.part.range, imagesOf: phase.open ?? [], deadlineMs, afterMs }
    case 'settle': {
      const { suspects, isSift } = batchOf(phase.suspects)
      return { do: 'settle', keys: keysOf(suspects), images: !isSift, deadlineMs, afterMs }
    }
    case 'recheck':
    case 'recheck-held':
      return { do: 'settle', keys: keysOf(phase.left.slice(0, batchRows)), images: false, deadlineMs, afterMs }
    case 'settle-held': {
      const { suspects, isSift } = batchOf(state.held.flatMap((held) => held.suspects))
      return { do: 'settle', keys: keysOf(suspects), images: !isSift, deadlineMs, afterMs }
    }
    case 'settle-range':
      break
  }
  return { do: 'settle-range', range: phase.chunk.range, deadlineMs, afterMs }
}

const keysOf = (rows: readonly { readonly key: Key }[]): readonly Key[] => rows.map(({ key }) => key)

export const newChunk = (range: Range, rows = 0): Chunk => ({
  range,
  rows,
  differing: [],
  unsettled: 0,
  more: false,
  healed: [],
})

/** Rows that differ for certain outweigh whatever else was seen. */
export const verdictOf = (
  chunk: Chunk,
  conflicts: number,
  otherwise: Partial<ChunkVerdict> & { readonly verdict: ChunkVerdict['verdict'] },
): ChunkVerdict => ({
  ...chunk,
  conflicts,
  detail: null,
  remedy: null,
  ...otherwise,
  verdict: chunk.differing.length > 0 ? 'divergent' : otherwise.verdict,
})
