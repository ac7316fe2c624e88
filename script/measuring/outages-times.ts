import { drills } from '../../src/drills/list.generated.ts'
import { percentile } from '../../src/drills/percentile.ts'
import type { KeptRun } from './kept-runs.ts'

interface Group {
  readonly title: string
  readonly has: (id: string) => boolean
  /** After the first failed login, 95 of 100; null where nothing was promised. */
  readonly noticedMs: number | null
  readonly namedMs: number | null
}

/** The way to a server is measured by waiting for it. */
const slowWays = ['d3', 'd10']
const happened = new Set(drills.filter(({ kind }) => kind !== 'look-alike').map(({ id }) => id))

const groups: readonly Group[] = [
  {
    title: 'outages and their variants, with the log',
    has: (id) => happened.has(id),
    noticedMs: 2_000,
    namedMs: 3_000,
  },
  { title: slowWays.join(', '), has: (id) => slowWays.includes(id), noticedMs: 2_000, namedMs: 8_000 },
  {
    title: 'other look-alikes',
    has: (id) => !happened.has(id) && !slowWays.includes(id),
    noticedMs: 2_000,
    namedMs: null,
  },
]

export const measuredOf = (values: readonly (number | null)[]): readonly number[] => values.filter((ms) => ms !== null)

/** Of these runs the ones that had the least beside them on their machine: the times of others are the machine's. */
export function quietest(runs: readonly KeptRun[]): readonly KeptRun[] {
  const least = Math.min(...runs.map(({ atOnce }) => atOnce))
  return runs.filter(({ atOnce }) => atOnce === least)
}

/** Half of them, nearly all, and the longest. */
export function spread(values: readonly number[]): string {
  return values.length === 0
    ? '–'
    : [0.5, 0.95, 1].map((each) => String(Math.round(percentile(values, each)))).join(' / ')
}

interface Times {
  readonly noticed: readonly number[]
  readonly namedAfterHarm: readonly number[]
  readonly named: readonly number[]
}

/** What was named before anybody was hurt was named at once. */
function timesIn(runs: readonly KeptRun[]): Times {
  return {
    noticed: measuredOf(runs.map(({ noticedMs }) => noticedMs)),
    namedAfterHarm: measuredOf(runs.map(({ namedAfterHarmMs }) => namedAfterHarmMs)).map((ms) => Math.max(0, ms)),
    named: measuredOf(runs.map(({ namedMs }) => namedMs)),
  }
}

const runsOf = (group: Group, runs: readonly KeptRun[]): readonly KeptRun[] =>
  runs.filter(({ id, truth, without }) => without === '' && truth === 'cause' && group.has(id))

const isWithin = (values: readonly number[], mostMs: number | null): boolean =>
  mostMs === null || values.length === 0 || percentile(values, 0.95) <= mostMs

/** Is each group noticed and named as soon as was promised, 95 of 100? */
export const isInTime = (runs: readonly KeptRun[]): boolean =>
  groups.every((group) => {
    const { noticed, namedAfterHarm } = timesIn(runsOf(group, runs))
    return isWithin(noticed, group.noticedMs) && isWithin(namedAfterHarm, group.namedMs)
  })

/** A table of its own: times of the watcher that had everything, by group. */
export function timesOf(runs: readonly KeptRun[]): string {
  const rows = groups.flatMap((group) => {
    const its = runsOf(group, runs)
    if (its.length === 0) return []
    const { noticed, namedAfterHarm, named } = timesIn(its)
    return [
      [
        group.title,
        `${named.length} of ${its.length}`,
        marked(spread(noticed), isWithin(noticed, group.noticedMs)),
        group.noticedMs === null ? '–' : String(group.noticedMs),
        marked(spread(namedAfterHarm), isWithin(namedAfterHarm, group.namedMs)),
        group.namedMs === null ? '–' : String(group.namedMs),
        spread(named),
      ],
    ]
  })
  const header = [
    'times, p50 / p95 / most',
    'named',
    'noticed, ms after the first failed login',
    'asked, p95',
    'named, ms after the first failed login',
    'asked, p95',
    'named, ms after the trigger',
  ]
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const marked = (words: string, isMet: boolean): string => (isMet ? words : `**${words}**`)
