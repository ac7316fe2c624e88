import type { Wait } from '../fence.ts'
import type { Round } from '../judge.ts'
import { judge } from '../judge.ts'
import { advance, conclude, pauseMsOf, settleMore } from './advance.ts'
import { settleCopies } from './settle-copies.ts'
import type { Settled } from './settle.ts'
import { healedOf, keyText, settleRows } from './settle.ts'
import type { Chunk, CompareEvent, CompareState, DifferingRow, Phase, Step, Suspect } from './state.ts'
import { at, batchOf, batchRows } from './step.ts'

const limits = {
  rounds: { default: 8, unit: 'rounds', why: 'a row that is written 15 times a second is settled by one quiet moment' },
  clearedRounds: { default: 2, unit: 'rounds', why: 'the fewest that prove a difference' },
} as const

type At<P extends Phase['at']> = Extract<Phase, { at: P }>

/** Suspects become certain, or are cleared. */
export function settle(
  state: CompareState,
  phase: At<'settle' | 'settle-range' | 'copies' | 'recheck'>,
  event: CompareEvent,
): Step {
  if (phase.at === 'settle' && event.type === 'settle')
    return event.reads ? rowsSettled(state, phase, event.reads) : missed(state, phase.chunk, event.wait)
  if (phase.at === 'settle-range' && event.type === 'settle-range')
    return event.round
      ? rangeSettled(state, { ...phase, rounds: [...phase.rounds, event.round] }, event.round)
      : missed(state, phase.chunk, event.wait)
  if (phase.at === 'copies' && event.type === 'settle-copies')
    return event.reads
      ? copiesSettled(state, { ...phase, rounds: [...phase.rounds.slice(-1), event.reads], looks: phase.looks + 1 })
      : missed(state, phase.chunk, event.wait)
  if (phase.at === 'recheck' && event.type === 'settle')
    // They differ for certain already; a standby that falls behind now does not take that back.
    return event.reads ? rechecked(state, phase, event.reads) : conclude(state, phase.chunk)
  throw new Error(`a comparison at ${phase.at} was told ${event.type}`)
}

const missed = (state: CompareState, chunk: Chunk, wait: Wait): Step =>
  conclude(
    { ...state, lags: true },
    { ...chunk, more: chunk.differing.length > 0 },
    { verdict: 'lagging', detail: wait.reached ? null : wait.why },
  )

type ReadsOf<E extends CompareEvent['type']> = NonNullable<Extract<CompareEvent, { type: E; reads: unknown }>['reads']>

function rowsSettled(state: CompareState, phase: At<'settle'>, reads: ReadsOf<'settle'>): Step {
  const { chunk } = phase
  const { suspects, differing, unsettled } = settleBatch(phase.suspects, reads)
  // What was rewritten while it was looked for may have been located twice.
  const known = new Set(chunk.differing.map(({ key }) => keyText(key)))
  const found: Chunk = {
    ...chunk,
    differing: [...chunk.differing, ...differing.filter(({ key }) => !known.has(keyText(key)))],
    unsettled: chunk.unsettled + unsettled.length,
  }
  return settleMore(state, found, { todo: phase.todo, suspects })
}

interface SettledBatch {
  readonly differing: readonly DifferingRow[]
  /** To be looked at again, or for the first time. */
  readonly suspects: readonly Suspect[]
  /** Given up. */
  readonly unsettled: readonly Suspect[]
}

/** One round of the first batch of suspects. */
export function settleBatch(all: readonly Suspect[], reads: ReadsOf<'settle'>): SettledBatch {
  const { suspects, rest, isSift } = batchOf(all)
  const settled = settleRows(suspects, reads)
  const { differing, open } = isSift ? unproven(suspects, settled) : settled
  const isOver = ({ rounds }: Suspect): boolean => rounds >= limits.rounds.default
  return {
    differing,
    suspects: [...rest, ...open.filter((suspect) => !isOver(suspect))],
    unsettled: open.filter(isOver),
  }
}

/** What would be proven is looked at once more, with evidence. */
function unproven(suspects: readonly Suspect[], { differing, open }: Settled): Settled {
  const keys = new Set(differing.map(({ key }) => keyText(key)))
  const again = suspects.filter(({ key }) => keys.has(keyText(key)))
  return { differing: [], open: [...again.map((suspect) => ({ ...suspect, rounds: suspect.rounds + 1 })), ...open] }
}

function rechecked(state: CompareState, phase: At<'recheck'>, reads: ReadsOf<'settle'>): Step {
  const healed = healedOf(phase.left.slice(0, batchRows), reads)
  const chunk: Chunk = {
    ...phase.chunk,
    differing: phase.chunk.differing.filter((row) => !healed.has(row)),
    healed: [...phase.chunk.healed, ...healed],
  }
  const left = phase.left.slice(batchRows)
  return left.length > 0 ? at(state, { at: 'recheck', chunk, left }) : conclude(state, chunk)
}

function copiesSettled(state: CompareState, phase: At<'copies'>): Step {
  const { rounds, looks, todo, suspects } = phase
  const { differing, open } = settleCopies(rounds, phase.open)
  const most = state.limits.mostDiffering - state.differing
  const all = [...phase.chunk.differing, ...differing]
  const isLast = looks >= limits.rounds.default
  const chunk: Chunk = {
    ...phase.chunk,
    differing: all.slice(0, most),
    more: phase.chunk.more || all.length > most,
    unsettled: phase.chunk.unsettled + (isLast ? open.length : 0),
  }
  if (open.length === 0 || isLast) return advance(state, chunk, { todo, suspects })
  return at(state, { ...phase, chunk, open }, pauseMsOf(looks))
}

function rangeSettled(state: CompareState, phase: At<'settle-range'>, { after, target }: Round): Step {
  const { rounds, cleared } = phase
  const chunk: Chunk = { ...phase.chunk, rows: after.rows }
  const judgement = judge(rounds)
  if (judgement === 'equal') return conclude(state, chunk)
  if (judgement === 'different') {
    const counts = `${after.rows} rows on the source, ${target.rows} on the target`
    const detail = cleared ? `${counts}; no row differs by its key: look at the indexes with amcheck` : counts
    return conclude(state, { ...chunk, more: true }, { verdict: 'divergent', detail })
  }
  const most = cleared ? limits.clearedRounds.default : limits.rounds.default
  if (rounds.length < most) return at(state, phase, pauseMsOf(rounds.length))
  // Every row of a range that changes all the time was cleared by itself.
  if (cleared) return conclude(state, chunk)
  const detail = 'it changes faster than it can be compared'
  return conclude(state, { ...chunk, unsettled: chunk.rows }, { verdict: 'unsettled', detail })
}
