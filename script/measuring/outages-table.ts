import type { KeptRun } from './kept-runs.ts'
import { measuredOf, quietest, spread } from './outages-times.ts'

export const header = [
  'without',
  'drill',
  'runs',
  'right first',
  'trigger right / listed / open / wrong',
  'wrongly confirmed',
  'incidents where nothing is wrong',
  'suspects not tested',
  'noticed, ms after the first failed login: p50 / p95 / most',
  'named, ms after the first failed login: p50 / p95 / most',
] as const

const share = (part: number, whole: number): string =>
  part === whole ? '100 %' : `**${((100 * part) / whole).toFixed(1)} %**`

const none = (count: number): string => (count === 0 ? '0' : `**${count}**`)

/** A row of the table, over whatever runs. Who sees less was watched beside who sees all: its times say nothing. */
export function rowOf(without: string, drill: string, runs: readonly KeptRun[]): string[] {
  const triggers = (word: KeptRun['trigger']): number => runs.filter(({ trigger }) => trigger === word).length
  const healthy = runs.filter(({ truth }) => truth === 'healthy')
  const times = (of: (run: KeptRun) => number | null): string =>
    without === '' ? spread(measuredOf(quietest(runs).map(of))) : '–'
  return [
    without === '' ? 'nothing' : without,
    drill,
    String(runs.length),
    share(runs.filter(({ right }) => right).length, runs.length),
    (['right', 'listed', 'open', 'wrong'] as const).map(triggers).join(' / '),
    none(runs.reduce((sum, { wronglyConfirmed }) => sum + wronglyConfirmed.length, 0)),
    healthy.length === 0 ? '–' : none(healthy.reduce((sum, { incidents }) => sum + incidents, 0)),
    String(runs.reduce((sum, { notTested }) => sum + notTested.length, 0)),
    times(({ noticedMs }) => noticedMs),
    times(({ namedAfterHarmMs: ms }) => (ms === null ? null : Math.max(0, ms))),
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

/** What may not be: with less one may be less sure, and never wrong. */
const isFailure = ({ without, right, trigger, wronglyConfirmed, truth, incidents, unexplained }: KeptRun): boolean =>
  (without === '' && !right) ||
  trigger === 'wrong' ||
  wronglyConfirmed.length > 0 ||
  unexplained.length > 0 ||
  (truth === 'healthy' && incidents > 0)

/** What went wrong, run by run, so that it can be run again. */
export const failuresOf = (runs: readonly KeptRun[]): readonly string[] =>
  runs
    .filter(isFailure)
    .map(
      ({
        id,
        seed,
        without,
        cause,
        trigger,
        triggerNamed,
        wronglyConfirmed,
        notHappened,
        incidents,
        truth,
        unexplained,
      }) =>
        `\`drill run ${id} --seed ${seed}${without === '' ? '' : ` --without ${without}`}\`: ${cause ?? 'nothing'} named` +
        `${trigger === 'wrong' ? `, wrong trigger ${triggerNamed ?? ''}` : ''}${notHappened === null ? '' : `, the drill did not happen: ${notHappened}`}` +
        (truth === 'healthy' && incidents > 0 ? `, incidents ${incidents}` : '') +
        (unexplained.length === 0 ? '' : `, no number for ${unexplained.join(', ')}`) +
        (wronglyConfirmed.length === 0 ? '' : `, wrongly confirmed ${wronglyConfirmed.join(', ')}`),
    )

/** Reasons that begin alike are one, whatever nodes they name: how often, and one of them in full. */
const beginningWords = 5

export function reasonsOf(runs: readonly KeptRun[]): readonly string[] {
  const all = runs.flatMap(({ notTested }) => notTested).toSorted()
  const alike = Map.groupBy(all, (reason) => reason.split(' ').slice(0, beginningWords).join(' '))
  return [...alike.values()].map((each) => `${each.length} × ${each[0] ?? ''}`)
}
