import type { Measured } from './parts.ts'

/** CPU time in milliseconds a minute, of each server and of this process. */
export interface Figures {
  readonly serving: readonly number[]
  readonly background: readonly number[]
  /** The watcher's own. */
  readonly own: number
}

/** Every window of each load. */
export type Taken = Map<string, readonly Figures[]>

const rowsOf = (large: number): readonly (readonly [id: string, words: string])[] => [
  ['idle', 'nobody asks anything (taken off all that follow)'],
  ['exporter', 'postgres_exporter, scraped every 15 s'],
  ['fast', 'fast samples alone, every second'],
  ['samples', 'fast and slow samples: the watch without contracts'],
  ['probes', 'the same and probes: the watch with a contract without canary'],
  ['watch', '**the whole watch**'],
  ['changed', '**the whole watch**, first window after a change of a table of 2,000 rows'],
  ['settled', '**the whole watch**, second window after it'],
  ['changed-large', `the same first window, the table having ${large.toLocaleString('en')} rows`],
  ['settled-large', 'the second window of that'],
]

const most = { watch: 1.5, sample: 0.5 } as const
const scrapesAMinute = 4
const samplesAMinute = 60
const comparedMinutes = 15
/** The pause doubles: after the first minute an equal table is compared once a minute at most, 63, 127, 255 and 511 s after the change. */
const laterComparisons = 4

/** What each load took above idle, beside the exporter; every node is judged. */
export function costs(
  nodes: readonly string[],
  taken: Taken,
  { how, large, windowMs }: { readonly how: string; readonly large: number; readonly windowMs: number },
): Measured {
  const minutes = windowMs / 60_000
  const column = (what: 'serving' | 'background', id: string, n: number): readonly number[] =>
    (taken.get(id) ?? []).map((figures) => figures[what][n] ?? Number.NaN)
  const idle = nodes.map((_, n) => median(column('serving', 'idle', n)))
  const above = (id: string, n: number): readonly number[] => column('serving', id, n).map((ms) => ms - (idle[n] ?? 0))
  const middle = (id: string, n: number): number => median(above(id, n))
  const ratio = (id: string, n: number): number => middle(id, n) / middle('exporter', n)
  const each = (of: (n: number) => string): string => nodes.map((_, n) => of(n)).join(', ')
  const values = (of: (n: number) => number): readonly number[] => nodes.map((_, n) => of(n))
  const share = (id: string, before: string): string => each((n) => ms(middle(id, n) - middle(before, n)))

  const judged = [
    { words: 'the whole watch, of the exporter', values: values((n) => ratio('watch', n)), most: most.watch },
    {
      words: 'the same over the 15 minutes after a change',
      values: values((n) => {
        const more = (id: string): number => Math.max(0, ratio(id, n) - ratio('watch', n))
        return ratio('watch', n) + (more('changed') * minutes + laterComparisons * more('settled')) / comparedMinutes
      }),
      most: most.watch,
    },
    {
      words: 'one fast sample, of one scrape',
      values: values((n) => (ratio('fast', n) * scrapesAMinute) / samplesAMinute),
      most: most.sample,
    },
  ].map((one) => ({ ...one, met: one.values.every((value) => value <= one.most) }))
  return {
    header: [
      'what looks at the servers',
      ...nodes.map((name) => `${name}, ms of CPU a minute`),
      'times the exporter, by node',
      'background processes, by node',
      "watcher's own",
    ],
    rows: rowsOf(large)
      .filter(([id]) => taken.has(id))
      .map(([id, words]) => [
        words,
        ...nodes.map((_, n) => spread(id === 'idle' ? column('serving', id, n) : above(id, n))),
        id === 'idle' ? '–' : each((n) => times(ratio(id, n))),
        each((n) => ms(median(column('background', id, n)))),
        id === 'idle' || id === 'exporter' ? '–' : spread((taken.get(id) ?? []).map(({ own }) => own)),
      ]),
    notes: [
      ...judged.map(
        ({ words, values, most, met }) =>
          `Asked: ${words}: at most ${most}. Measured on ${nodes.join(', ')}: ${values.map(times).join(', ')}. ${met ? 'Met.' : '**Not met.**'}`,
      ),
      `Where it goes, in ms a minute on ${nodes.join(', ')}: fast samples ${each((n) => ms(middle('fast', n)))}; slow samples ${share('samples', 'fast')}; probes ${share('probes', 'samples')}; canary ${share('watch', 'probes')}; comparisons in the first window after a change ${share('changed', 'watch')}, in the second ${share('settled', 'watch')}; four of the fourteen later minutes have one.`,
      `A window is ${windowMs / 1000} s; the first after a change begins with it, the second follows. Median of the windows (least to most) of the postmaster and the processes that serve connections, those that have ended included, from ${how === 'cgroup' ? 'a control group' : '/proc'}. Background processes are replication and the writers: they work on when nobody asks, and are not judged. One application with three instances, all three nodes serving reads, nobody logging in; autovacuum and timed checkpoints are off, so that nobody pays for them. The exporter is Debian's 0.11.1 with its defaults; it fails on a view that PostgreSQL 17 has changed, and on slots of a standby, and would cost more if it did not.`,
    ],
    met: judged.every(({ met }) => met),
  }
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

const ms = (value: number): string => value.toFixed(Math.abs(value) < 20 ? 1 : 0)
const times = (value: number): string => value.toFixed(2)
const spread = (values: readonly number[]): string =>
  values.length > 1
    ? `${ms(median(values))} (${ms(Math.min(...values))} to ${ms(Math.max(...values))})`
    : ms(values[0] ?? Number.NaN)
