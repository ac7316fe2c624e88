import type { CompareEvent, CompareState, Phase, Step } from './state.ts'
import { at, conclude, newChunk } from './step.ts'

const limits = {
  failures: { default: 8, unit: 'times', why: 'in a row, for one ask; recovery conflicts come in bursts' },
  pauseMs: { default: 50, unit: 'ms', why: 'doubled after each' },
  slowestMs: { default: 5000, unit: 'ms', why: 'a lock that is held longer is looked at again, but rarely' },
  leastRows: { default: 200, unit: 'rows', why: 'a smaller statement is not cancelled less often' },
} as const

/** A node did not answer: what passes is tried again, what does not becomes a verdict. */
export function fail(state: CompareState, event: Extract<CompareEvent, { type: 'failed' }>): Step {
  const { refusal, detail, remedy } = event
  const { phase } = state
  const failed: CompareState = { ...state, failures: state.failures + 1 }
  if (refusal === 'again' && failed.failures <= limits.failures.default) return again(failed, phase)
  const chunk = phase.at === 'boundary' ? newChunk({ after: phase.after, upTo: null }) : phase.chunk
  if (refusal === 'corrupt') return conclude(failed, chunk, { verdict: 'corrupt', detail, remedy })
  // A lock or a conflict is about this chunk; all others are about the table, and the next chunk would fail as well.
  const range = refusal === 'again' ? chunk.range : { ...chunk.range, upTo: null }
  return conclude(failed, { ...chunk, range }, { verdict: 'unverifiable', detail, remedy })
}

function again(state: CompareState, phase: Phase): Step {
  const afterMs = Math.min(limits.pauseMs.default * 2 ** (state.failures - 1), limits.slowestMs.default)
  if (phase.at !== 'hash' || !state.hasKey) return at(state, phase, afterMs)
  const chunkRows = Math.max(limits.leastRows.default, Math.floor(state.chunkRows / 2))
  return at({ ...state, chunkRows }, { at: 'boundary', after: phase.chunk.range.after }, afterMs)
}
