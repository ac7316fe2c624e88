import type { Digest, Key, Range } from '../../engines/postgres/rows/comparable.ts'
import { advance } from './advance.ts'
import { unequalWithin } from './buckets.ts'
import { keyText, suspectsOf } from './settle.ts'
import type { CompareEvent, CompareState, Part, Phase, Step, Suspect } from './state.ts'
import { at, splitInto } from './step.ts'

/** Into so many parts an unequal range is cut. */
export const partsOf = 8

/** Cuts unequal ranges smaller and smaller, then reads their rows. */
export function locate(
  state: CompareState,
  phase: Extract<Phase, { at: 'cut' | 'parts' | 'split' | 'rows' }>,
  event: CompareEvent,
): Step {
  const { chunk, part, todo, suspects } = phase
  if (phase.at === 'cut' && event.type === 'cut')
    // Nothing to cut by (its rows have gone meanwhile): as small as it gets.
    return event.cuts.length === 0
      ? at(state, { at: 'rows', chunk, part, todo, suspects })
      : at(state, { at: 'parts', chunk, part, cuts: event.cuts, todo, suspects })
  if (phase.at === 'parts' && event.type === 'parts') {
    const unequal = unequalParts(part.range, phase.cuts, event.source, event.target)
    return advance(state, chunk, { todo: [...unequal, ...todo], suspects })
  }
  if (phase.at === 'split' && event.type === 'buckets') {
    const of = (part.range.bucket?.of ?? 1) * splitInto
    return advance(state, chunk, { todo: [...unequalWithin(part.range, of, event), ...todo], suspects })
  }
  if (phase.at === 'rows' && event.type === 'rows')
    return advance(state, chunk, { todo, suspects: joined(suspects, suspectsOf(event.source, event.target)) })
  throw new Error(`a comparison at ${phase.at} was told ${event.type}`)
}

/** A row whose key is rewritten meanwhile may be seen in two parts. */
function joined(known: readonly Suspect[], more: readonly Suspect[]): readonly Suspect[] {
  const keys = new Set(known.map(({ key }) => keyText(key)))
  return [...known, ...more.filter(({ key }) => !keys.has(keyText(key)))]
}

function unequalParts(
  range: Range,
  cuts: readonly Key[],
  source: readonly Digest[],
  target: readonly Digest[],
): readonly Part[] {
  const ends = [...cuts, range.upTo]
  return ends.flatMap((upTo, n): Part[] => {
    const [left, right] = [source[n], target[n]]
    if (!left || !right || left.hash === right.hash) return []
    const after = n === 0 ? range.after : (cuts[n - 1] ?? null)
    return [{ range: { after, upTo }, sourceRows: left.rows, targetRows: right.rows }]
  })
}
