import { stages } from '../core/outage.ts'
import type { CellState, Outage, Stage } from '../core/outage.ts'
import { percentProven } from './coverage.ts'

/** Colours a text by the state that it tells; plain without a terminal. */
export type StateStyle = (state: CellState, text: string) => string

const marks: Readonly<Record<CellState, string>> = {
  proven: '● proven',
  armed: '○ armed',
  regressed: '✗ regressed',
  open: '· open',
  'not-applicable': '– given up',
}
const cellWidth = 13

/** The matrix: a row for each past outage, and under it what is not proven and the command that comes next. */
export function coverageText(outages: readonly Outage[], style: StateStyle = (_, text) => text): string {
  if (outages.length === 0) return 'No postmortem was found: nothing says what could happen again.\n'
  const idWidth = Math.max(...outages.map(({ id }) => id.length))
  const head = `${' '.repeat(idWidth)}  ${stages.map((stage) => stage.padEnd(cellWidth)).join('')}`.trimEnd()
  const blocks = outages.map((outage) => block(outage, idWidth, style))
  const proven = Math.floor(percentProven(outages))
  return `${head}\n${blocks.join('\n')}\n${proven} % of the cells are proven.\n`
}

function block(outage: Outage, idWidth: number, style: StateStyle): string {
  const cell = (stage: Stage): string => {
    const { state } = outage.cells[stage]
    return style(state, marks[state].padEnd(cellWidth))
  }
  const indent = ' '.repeat(idWidth + 2)
  const todo = stages.flatMap((stage) => {
    const { state, why, next } = outage.cells[stage]
    if (why === null || state === 'not-applicable') return []
    return [`${indent}${style(state, stage)}: ${why}${next === null ? '' : ` → ${next}`}`]
  })
  const row = `${outage.id.padEnd(idWidth)}  ${stages.map(cell).join('')}${outage.title}`
  return [row, `${indent}${then(outage)}`, ...todo].join('\n')
}

function then({ original: { toCauseMin, totalMin }, cells }: Outage): string {
  const minutes = (value: number | null): string => (value === null ? 'unknown' : `${Math.round(value)} min`)
  const figures = stages.flatMap((stage) => {
    const ms = cells[stage].state === 'proven' ? cells[stage].figures['ms'] : undefined
    return typeof ms === 'number' ? [`${stage} ${(ms / 1000).toFixed(1)} s`] : []
  })
  const past = `then: cause after ${minutes(toCauseMin)}, over after ${minutes(totalMin)}`
  return figures.length === 0 ? past : `${past} · now: ${figures.join(', ')}`
}
