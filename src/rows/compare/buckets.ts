import type { Digest, Range } from '../../engines/postgres/rows/comparable.ts'
import { bucketsIn } from '../../engines/postgres/rows/comparable.ts'
import { nextBucket } from './advance.ts'
import type { CompareEvent, CompareState, Part, Phase, Step } from './state.ts'
import { at, newChunk, verdictOf } from './step.ts'

const limits = {
  fences: { default: 2, unit: 'fences', why: 'most of what lagged is there behind the first; what is left is located' },
  most: { default: 4096, unit: 'buckets', why: 'their digests are one answer' },
  unknown: { default: 16, unit: 'buckets', why: 'for a table that was never analysed' },
} as const

/**
 * All buckets of a table are read by one statement a side: a statement a bucket would read the whole table for each of them.
 * So it shows all of its rows at one moment, and a row that is written meanwhile cannot slip from one look to the next.
 */
export function beginBuckets(state: CompareState, range: Range): Step {
  const { rowsEstimated, limits: asked } = state
  const wanted = rowsEstimated < 0 ? limits.unknown.default : Math.max(1, rowsEstimated / asked.firstRows)
  const of = Math.min(limits.most.default, 2 ** Math.ceil(Math.log2(wanted)))
  return at(state, { at: 'buckets', range, of, open: null, fences: 0 })
}

type Buckets = Extract<Phase, { at: 'buckets' | 'fence-buckets' }>

/** Buckets that were equal at one look are done; the others are looked at again behind a fence, then into. */
export function compareBuckets(state: CompareState, phase: Buckets, event: CompareEvent): Step {
  if (phase.at === 'buckets' && event.type === 'buckets') {
    const { open, equal } = unequalBuckets(phase, event)
    const verdicts = equal.map(({ range, sourceRows }, n) =>
      verdictOf(newChunk(range, sourceRows), n === 0 ? state.conflicts : 0, { verdict: 'consistent' }),
    )
    const told: CompareState = { ...state, conflicts: verdicts.length > 0 ? 0 : state.conflicts }
    const isFenced = open.length > 0 && phase.fences < limits.fences.default
    const step = isFenced
      ? at(told, { ...phase, at: 'fence-buckets', open, fences: phase.fences + 1 })
      : nextBucket({ ...told, queue: open })
    return { ...step, verdicts: [...verdicts, ...step.verdicts] }
  }
  if (phase.at === 'fence-buckets' && event.type === 'fence') {
    if (event.wait.reached) return at({ ...state, lags: false }, { ...phase, at: 'buckets' })
    const detail = event.wait.why
    const verdicts = (phase.open ?? []).map(({ range, sourceRows }, n) =>
      verdictOf(newChunk(range, sourceRows), n === 0 ? state.conflicts : 0, { verdict: 'lagging', detail }),
    )
    return { state, ask: null, verdicts }
  }
  throw new Error(`a comparison at ${phase.at} was told ${event.type}`)
}

interface Sorted {
  readonly open: readonly Part[]
  readonly equal: readonly Part[]
}

function unequalBuckets(
  { range, of, open }: Buckets,
  { source, target }: { readonly source: readonly Digest[]; readonly target: readonly Digest[] },
): Sorted {
  const wasOpen = open === null ? null : new Set(open.map((part) => part.range.bucket?.n))
  const looked = bucketsIn(range, of).flatMap((bucket, n): (Part & { isEqual: boolean })[] => {
    const [left, right] = [source[n], target[n]]
    if (!left || !right || wasOpen?.has(bucket.n) === false) return []
    const part = { range: { ...range, bucket }, sourceRows: left.rows, targetRows: right.rows }
    return [{ ...part, isEqual: left.hash === right.hash }]
  })
  return { open: looked.filter(({ isEqual }) => !isEqual), equal: looked.filter(({ isEqual }) => isEqual) }
}

/** The finer buckets of one that are unequal. */
export const unequalWithin = (
  range: Range,
  of: number,
  event: { readonly source: readonly Digest[]; readonly target: readonly Digest[] },
): readonly Part[] =>
  unequalBuckets({ at: 'buckets', range, of, open: null, fences: 0 }, event).open.map(
    ({ range: finer, sourceRows, targetRows }) => ({ range: finer, sourceRows, targetRows }),
  )
