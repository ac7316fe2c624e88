import type { ColumnHashes } from '../../engines/postgres/rows/comparable.ts'
import type { Wait } from '../fence.ts'
import type { Round } from '../judge.ts'
import { judge } from '../judge.ts'
import { pauseMsOf, settleMore } from './advance.ts'
import { keyText, settleRows } from './settle.ts'
import type { Chunk, CompareEvent, CompareState, DifferingRow, Phase, Step } from './state.ts'
import { at, batchRows, conclude } from './step.ts'

const limits = {
  rounds: { default: 8, unit: 'rounds', why: 'a row that is written 15 times a second is settled by one quiet moment' },
  clearedRounds: { default: 2, unit: 'rounds', why: 'the fewest that prove a difference' },
} as const

type Settling = Extract<Phase, { at: 'settle' | 'settle-range' | 'columns' }>

/** Suspects become certain, or are cleared. */
export function settle(state: CompareState, phase: Settling, event: CompareEvent): Step {
  const { chunk } = phase
  if (phase.at === 'settle' && event.type === 'settle') {
    if (!event.reads) return missed(state, chunk, event.wait)
    const { differing, open } = settleRows(phase.suspects.slice(0, batchRows), event.reads)
    const again = open.filter(({ rounds }) => rounds < limits.rounds.default)
    // A row that the nodes sort differently may have been located twice.
    const known = new Set(chunk.differing.map(({ key }) => keyText(key)))
    const found: Chunk = {
      ...chunk,
      differing: [...chunk.differing, ...differing.filter(({ key }) => !known.has(keyText(key)))],
      unsettled: chunk.unsettled + open.length - again.length,
    }
    return settleMore(state, found, { todo: phase.todo, suspects: [...phase.suspects.slice(batchRows), ...again] })
  }
  if (phase.at === 'settle-range' && event.type === 'settle-range') {
    if (!event.round) return missed(state, chunk, event.wait)
    return rangeSettled(state, { ...phase, rounds: [...phase.rounds, event.round] }, event.round)
  }
  if (phase.at === 'columns' && event.type === 'columns')
    return conclude(state, { ...chunk, differing: withColumns(chunk.differing, event.source, event.target) })
  throw new Error(`a comparison at ${phase.at} was told ${event.type}`)
}

const missed = (state: CompareState, chunk: Chunk, wait: Wait): Step =>
  conclude(
    { ...state, lags: true },
    { ...chunk, more: chunk.differing.length > 0 },
    { verdict: 'lagging', detail: wait.reached ? null : wait.why },
  )

type WholeRange = Extract<Phase, { at: 'settle-range' }>

function rangeSettled(state: CompareState, phase: WholeRange, { after, target }: Round): Step {
  const { rounds, cleared } = phase
  const chunk: Chunk = { ...phase.chunk, rows: after.rows }
  const judgement = judge(rounds)
  if (judgement === 'equal') return conclude(state, chunk)
  if (judgement === 'different' && state.hasKey && !state.sameOrder) {
    const detail = 'the two nodes sort its key differently: compare the versions of their collations'
    return conclude(state, { ...chunk, unsettled: chunk.rows }, { verdict: 'unsettled', detail })
  }
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

function withColumns(
  differing: readonly DifferingRow[],
  source: readonly ColumnHashes[],
  target: readonly ColumnHashes[],
): readonly DifferingRow[] {
  const onSource = new Map(source.map((row) => [keyText(row.key), row.columns]))
  const onTarget = new Map(target.map((row) => [keyText(row.key), row.columns]))
  return differing.map((row) => {
    const [left, right] = [onSource.get(keyText(row.key)), onTarget.get(keyText(row.key))]
    if (row.kind !== 'changed' || !left || !right) return row
    return {
      ...row,
      columns: Object.keys(left)
        .filter((name) => left[name] !== right[name])
        .sort(),
    }
  })
}
