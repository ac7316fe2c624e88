import type { Key } from '../../engines/postgres/rows/comparable.ts'
import { isSlow, pauseMsOf, release } from './advance.ts'
import { healedOf, keyText } from './settle.ts'
import { settleBatch } from './settling.ts'
import type { CompareEvent, CompareState, DifferingRow, Held, Phase, Step } from './state.ts'
import { at, batchOf, batchRows } from './step.ts'

/** What was suspect in many chunks of a late target, behind one fence. */
export function settleHeld(
  state: CompareState,
  phase: Extract<Phase, { at: 'settle-held' | 'recheck-held' }>,
  event: CompareEvent,
): Step {
  if (event.type !== 'settle') throw new Error(`a comparison at ${phase.at} was told ${event.type}`)
  const { wait, reads } = event
  if (phase.at === 'recheck-held') {
    // They differ for certain already; a standby that falls behind now does not take that back.
    if (!reads) return release(state)
    const healed = healedOf(phase.left.slice(0, batchRows), reads)
    const after: CompareState = { ...state, held: state.held.map((each) => mended(each, healed)) }
    const left = phase.left.slice(batchRows)
    return left.length > 0 ? at(after, { at: 'recheck-held', left }) : release(after)
  }
  if (!reads) return release({ ...state, lags: true }, { verdict: 'lagging', detail: wait.reached ? null : wait.why })
  const { suspects, differing, unsettled } = settleBatch(suspectsIn(state.held), reads)
  const held = state.held.map((each): Held => {
    const own = new Set(each.suspects.map(({ key }) => keyText(key)))
    const mine = <R extends { readonly key: Key }>(rows: readonly R[]): R[] =>
      rows.filter(({ key }) => own.has(keyText(key)))
    const chunk = {
      ...each.chunk,
      differing: [...each.chunk.differing, ...mine(differing)],
      unsettled: each.chunk.unsettled + mine(unsettled).length,
    }
    return { ...each, chunk, suspects: mine(suspects) }
  })
  const settled: CompareState = { ...state, held, lags: false, isLate: isSlow(wait) }
  if (suspects.length > 0)
    return at(settled, { at: 'settle-held' }, pauseMsOf(Math.max(...batchOf(suspects).suspects.map((s) => s.rounds))))
  const left = held.flatMap(({ chunk, verdict }) => (verdict === null ? chunk.differing : []))
  return state.isPhysical && left.length > 0 ? at(settled, { at: 'recheck-held', left }) : release(settled)
}

const suspectsIn = (held: readonly Held[]) => held.flatMap(({ suspects }) => suspects)

const mended = (held: Held, healed: ReadonlySet<DifferingRow>): Held => ({
  ...held,
  chunk: {
    ...held.chunk,
    differing: held.chunk.differing.filter((row) => !healed.has(row)),
    healed: [...held.chunk.healed, ...held.chunk.differing.filter((row) => healed.has(row))],
  },
})
