import { percentile } from '../../src/drills/percentile.ts'
import type { KeptRun } from './kept-runs.ts'

export const header = [
  'without',
  'drill',
  'runs',
  'right first',
  'trigger right / listed / open / wrong',
  'wrongly confirmed',
  'suspects not tested',
  'noticed, ms after the first failed login: p50 / p95 / most',
  'named, ms after the trigger: p50 / p95 / most',
] as const

const share = (part: number, whole: number): string =>
  part === whole ? '100 %' : `**${((100 * part) / whole).toFixed(1)} %**`

function spread(measured: readonly (number | null)[]): string {
  const values = measured.filter((ms) => ms !== null)
  if (values.length === 0) return '–'
  return [0.5, 0.95, 1].map((each) => String(Math.round(percentile(values, each)))).join(' / ')
}

/** A row of the table, over whatever runs. */
export function rowOf(without: string, drill: string, runs: readonly KeptRun[]): string[] {
  const triggers = (word: KeptRun['trigger']): number => runs.filter(({ trigger }) => trigger === word).length
  const wrong = runs.reduce((sum, { wronglyConfirmed }) => sum + wronglyConfirmed.length, 0)
  const notTested = runs.reduce((sum, each) => sum + each.notTested.length, 0)
  return [
    without === '' ? 'nothing' : without,
    drill,
    String(runs.length),
    share(runs.filter(({ right }) => right).length, runs.length),
    (['right', 'listed', 'open', 'wrong'] as const).map(triggers).join(' / '),
    wrong === 0 ? '0' : `**${wrong}**`,
    String(notTested),
    spread(runs.map(({ noticedMs }) => noticedMs)),
    spread(runs.map(({ namedMs }) => namedMs)),
  ]
}

/** Each drill where the watcher had everything; else all together, and those drills that were not always named. */
export function rowsOf(without: string, runs: readonly KeptRun[], ids: readonly string[]): string[][] {
  const of = runs.filter((run) => run.without === without)
  if (of.length === 0) return []
  const each = ids
    .map((id) => ({ id, its: of.filter((run) => run.id === id) }))
    .filter(({ its }) => its.length > 0 && (without === '' || its.some(({ right }) => !right)))
  return [rowOf(without, 'all', of), ...each.map(({ id, its }) => rowOf(without, id, its))]
}

/** What went wrong, run by run, so that it can be run again. */
export const failuresOf = (runs: readonly KeptRun[]): readonly string[] =>
  runs
    .filter(({ right, wronglyConfirmed, without, trigger }) =>
      without === '' ? !right || wronglyConfirmed.length > 0 || trigger === 'wrong' : wronglyConfirmed.length > 0,
    )
    .map(
      ({ id, seed, without, cause, trigger, wronglyConfirmed, happened }) =>
        `\`drill run ${id} --seed ${seed}${without === '' ? '' : ` --without ${without}`}\`: ${cause ?? 'nothing'} named` +
        `${trigger === 'wrong' ? ', wrong trigger' : ''}${happened ? '' : ', the drill did not happen'}` +
        (wronglyConfirmed.length === 0 ? '' : `, wrongly confirmed ${wronglyConfirmed.join(', ')}`),
    )
