import { everything } from '../../engines/postgres/rows/comparable.ts'
import { conclude, isRanged, release } from './advance.ts'
import type { Chunk, CompareEvent, CompareState, Phase, Step } from './state.ts'
import { at, newChunk } from './step.ts'

const limits = {
  failures: { default: 8, unit: 'times', why: 'in a row, for one ask; recovery conflicts come in bursts' },
  timeouts: {
    default: 2,
    unit: 'times',
    why: 'of a statement that cannot be made smaller: another may have held it up',
  },
  pauseMs: { default: 50, unit: 'ms', why: 'doubled after each' },
  slowestMs: { default: 5000, unit: 'ms', why: 'a lock that is held longer is looked at again, but rarely' },
  leastRows: { default: 200, unit: 'rows', why: 'a smaller statement is not cancelled less often' },
} as const

/** A node did not answer: what passes is tried again, what does not becomes a verdict. */
export function fail(state: CompareState, event: Extract<CompareEvent, { type: 'failed' }>): Step {
  const { refusal, detail, remedy } = event
  const { phase } = state
  const isCancelled = refusal === 'again'
  const failures = state.failures + 1
  const failed: CompareState = { ...state, failures, conflicts: state.conflicts + (isCancelled ? 1 : 0) }
  const isWhole = phase.at === 'buckets' || phase.at === 'split'
  const most = isWhole && event.isTimeout === true ? limits.timeouts.default : limits.failures.default
  if (isCancelled && failures <= most) return again(failed, phase)
  // They differ for certain already: only that it may heal could not be seen.
  if (isCancelled && phase.at === 'recheck') return conclude(failed, phase.chunk)
  if (phase.at === 'recheck-held') return release(failed)
  const verdict = refusal === 'corrupt' ? 'corrupt' : 'unverifiable'
  if (phase.at === 'settle-held') return release(failed, { verdict, detail, remedy })
  const chunk = chunkOf(phase)
  if (!isRanged(state)) {
    // Buckets lie everywhere in the table: what one of them met, the next would meet.
    const range = isCancelled ? chunk.range : everything
    const queue = isCancelled ? failed.queue : []
    const order = isWhole && isCancelled ? `${remedy} ${wholeRemedy(state)}`.trim() : remedy
    return conclude({ ...failed, queue }, { ...chunk, range }, { verdict, detail, remedy: order })
  }
  if (refusal === 'corrupt') return conclude(failed, chunk, { verdict, detail, remedy })
  // A lock or a conflict is about this chunk; all others are about the table, and the next chunk would fail as well.
  const range = isCancelled ? chunk.range : { ...chunk.range, upTo: null }
  return conclude(failed, { ...chunk, range }, { verdict, detail, remedy })
}

const wholeRemedy = ({ hasKey }: CompareState): string =>
  hasKey
    ? 'Give its key an index with collate "C" on both nodes: they sort it otherwise, and without one all is read at once.'
    : 'Give it a primary key, or a unique index over columns that are not null: without one all is read at once.'

function chunkOf(phase: Exclude<Phase, { at: 'settle-held' | 'recheck-held' }>): Chunk {
  if (phase.at === 'boundary') return newChunk({ after: phase.after, upTo: null })
  return 'chunk' in phase ? phase.chunk : newChunk(phase.range)
}

function again(state: CompareState, phase: Phase): Step {
  const afterMs = Math.min(limits.pauseMs.default * 2 ** (state.failures - 1), limits.slowestMs.default)
  if (phase.at !== 'hash') return at(state, phase, afterMs)
  const chunkRows = Math.max(limits.leastRows.default, Math.floor(state.chunkRows / 2))
  return at({ ...state, chunkRows }, { at: 'boundary', after: phase.chunk.range.after }, afterMs)
}
