import { percentile } from '../../src/drills/percentile.ts'
import type { Kept } from './kept-figures.ts'
import type { Measured } from './parts.ts'

export const asked = {
  rows: 2_000_000,
  pairs: 12,
  seconds: 20,
  load: 0.1,
  /** Of a core, on each server. */
  cores: 0.12,
  /** Writers' throughput beside verify, of that without it; the median of all pairs. */
  ratio: 0.93,
} as const

/** Less of a window than that with a session on every node, and what was measured is not verify at work. */
const leastPresence = 0.95

export interface Taken {
  readonly nodes: readonly string[]
  readonly rows: number
  readonly seconds: number
}

/** Each pair of windows has the writers' transactions a second, verify's share of a core on each node, and what it compared. */
export function loadTable(pairs: readonly Kept[], { nodes, rows, seconds }: Taken): Measured {
  const of = (name: string): readonly number[] => pairs.map(({ figures }) => figures[name] ?? Number.NaN)
  const sum = (name: string): number => of(name).reduce((total, each) => total + each, 0)
  const ratios = pairs.map(({ figures }) => (figures['with'] ?? Number.NaN) / (figures['without'] ?? Number.NaN))
  const at = (values: readonly number[], share: number): string => percentile(values, share).toFixed(3)
  const median = percentile(ratios, 0.5)
  const idle = pairs.filter(({ figures }) => !isAtWork(figures)).length
  const wrong = pairs.flatMap(({ words }) => words)
  const cores = nodes.map((node) => ({ node, mean: sum(`cores ${node}`) / pairs.length, all: of(`cores ${node}`) }))
  const lines: readonly (readonly [what: string, value: string, target: string, met: boolean])[] = [
    [
      "writers' throughput beside verify, of that without it, median",
      median.toFixed(3),
      `≥ ${asked.ratio}`,
      median >= asked.ratio,
    ],
    ...cores.map(
      ({ node, mean }) =>
        [
          `verify's backends on ${node}`,
          `${percent(mean)} of a core`,
          `≤ ${percent(asked.cores)}`,
          mean <= asked.cores,
        ] as const,
    ),
    ['windows in which verify was not at work all the time', String(idle), '0', idle === 0],
    ['rows wrongly named', String(wrong.length), '0', wrong.length === 0],
  ]
  const isWhole = rows >= asked.rows && pairs.length >= asked.pairs && seconds >= asked.seconds
  return {
    header: ['what', 'measured', 'asked', ''],
    rows: lines.map(([what, value, target, met]) => [what, value, target, met ? 'met' : '**missed**']),
    notes: [
      `${pairs.length} pairs of windows of ${seconds} s, without verify and with it, which of them first in turns${isWhole ? '' : '; a try, with fewer rows, pairs or seconds than asked'}. Ratio of a pair: quartiles ${at(ratios, 0.25)} and ${at(ratios, 0.75)}, least ${at(ratios, 0)}, most ${at(ratios, 1)}. Transactions a second, median: ${percentile(of('without'), 0.5).toFixed(0)} without, ${percentile(of('with'), 0.5).toFixed(0)} with.`,
      `Verify's share of a core in the window where it was greatest: ${cores.map(({ node, all }) => `${node} ${percent(Math.max(...all))}`).join(', ')}. User and system time of the backends that serve its role, from /proc, ten times a second.`,
      `\`verify --max-load ${asked.load}\` as a user runs it, in a process of its own, begun anew for each window and at work on every node before the writers begin: ${whole(sum('rows physical'))} rows compared with the standby and ${whole(sum('rows logical'))} with the subscriber, in ${sum('tables')} comparisons of a table. It came to its end ${sum('ends')} times within a window, and was run again.`,
      `Four clients of pgbench write as fast as they can, rows all over a table of ${whole(rows)} rows, twenty hot ones and new ones, on the machine that all three servers share: what is worked for verify is taken from them. Standby and subscriber have caught up before each window; autovacuum and timed checkpoints are off.`,
      ...(wrong.length > 0 ? [`Wrongly named: ${wrong.slice(0, 10).join('; ')}.`] : []),
    ],
    met: lines.every(([, , , met]) => met),
  }
}

function isAtWork(figures: Kept['figures']): boolean {
  const compared = (figures['rows physical'] ?? 0) > 0 && (figures['rows logical'] ?? 0) > 0
  return compared && (figures['presence'] ?? 0) >= leastPresence
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const whole = (count: number): string => count.toLocaleString('en')
