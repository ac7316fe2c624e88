import { percentile } from '../../src/drills/percentile.ts'
import type { Kept } from './kept-figures.ts'
import type { Measured } from './parts.ts'

export const asked = {
  rows: 2_000_000,
  pairs: 12,
  /** Windows in which nobody writes: there verify has no reason to give way. */
  alone: 3,
  seconds: 20,
  load: 0.1,
  /** Of a core, on each server. */
  cores: 0.12,
  /** Writers' throughput beside verify, of that without it; the median of all pairs. */
  ratio: 0.93,
} as const

/**
 * What says that verify was at work: a session on every node most of the window, and some work there. That of the subscriber may
 * be a wait behind a fence for all of a window, where writers leave their subscriber behind: no rows then, and work all the same.
 */
const atWork = { presence: 0.95, cores: 0.001 } as const

/** Each window with verify has its share of a core on each node and what it compared; a pair the writers' transactions a second. */
export interface Windows {
  readonly pairs: readonly Kept[]
  readonly alone: readonly Kept[]
}

export interface Taken {
  readonly nodes: readonly string[]
  readonly rows: number
  readonly seconds: number
}

interface Cores {
  readonly node: string
  readonly mean: number
  readonly most: number
}

type Line = readonly [what: string, value: string, target: string, met: boolean]

export function loadTable({ pairs, alone }: Windows, { nodes, rows, seconds }: Taken): Measured {
  const all = [...pairs, ...alone]
  const ratios = pairs.map(({ figures }) => (figures['with'] ?? Number.NaN) / (figures['without'] ?? Number.NaN))
  const ratio = (share: number): string => percentile(ratios, share).toFixed(3)
  const perSecond = (name: string): string => percentile(valuesOf(pairs, name), 0.5).toFixed(0)
  const idle = all.filter(({ figures }) => !isAtWork(figures, nodes)).length
  const wrong = all.flatMap(({ words }) => words)
  const [beside, unhindered] = [pairs, alone].map((windows) => coresOf(windows, nodes))
  const lines: readonly Line[] = [
    [
      "writers' throughput beside verify, of that without it, median",
      ratio(0.5),
      `≥ ${asked.ratio}`,
      percentile(ratios, 0.5) >= asked.ratio,
    ],
    ...coreLines(beside ?? [], 'beside the writers'),
    ...coreLines(unhindered ?? [], 'nobody writing'),
    ['windows in which verify was not at work all the time', String(idle), '0', idle === 0],
    ['rows wrongly named', String(wrong.length), '0', wrong.length === 0],
  ]
  const isWhole = rows >= asked.rows && pairs.length >= asked.pairs && seconds >= asked.seconds
  return {
    header: ['what', 'measured', 'asked', ''],
    rows: lines.map(([what, value, target, met]) => [what, value, target, met ? 'met' : '**missed**']),
    notes: [
      `${pairs.length} pairs of windows of ${seconds} s, without verify and with it, which of them first in turns${isWhole ? '' : '; a try, with fewer rows, pairs or seconds than asked'}. Ratio of a pair: quartiles ${ratio(0.25)} and ${ratio(0.75)}, least ${ratio(0)}, most ${ratio(1)}. Transactions a second, median: ${perSecond('without')} without, ${perSecond('with')} with.`,
      `Shares of a core are means of all windows; in the one where it was greatest: ${mostIn(beside ?? [])} beside the writers, ${mostIn(unhindered ?? [])} in ${alone.length} windows in which nobody wrote. Where a server answers slower than it can, verify gives way: by design it takes less beside writers who leave no core idle. User and system time of the backends that serve its role, from /proc, ten times a second.`,
      `\`verify --table public.sales --max-load ${asked.load}\` as a user runs it, in a process of its own, begun anew for each window and at work on every node before the writers begin. ${didIn(pairs, seconds, 'Beside them')}; ${didIn(alone, seconds, 'alone')}. It came to its end ${totalOf(all, 'ends')} times within a window, and was run again.`,
      `Four clients of pgbench write as fast as they can, rows all over a table of ${whole(rows)} rows, twenty hot ones and new ones, on the machine that all three servers share: what is worked for verify is taken from them. Standby and subscriber have caught up before each window; autovacuum and timed checkpoints are off.`,
      ...(wrong.length > 0 ? [`Wrongly named: ${wrong.slice(0, 10).join('; ')}.`] : []),
    ],
    met: lines.every(([, , , met]) => met),
  }
}

function coresOf(windows: readonly Kept[], nodes: readonly string[]): readonly Cores[] {
  return nodes.map((node) => {
    const name = `cores ${node}`
    return { node, mean: totalOf(windows, name) / windows.length, most: Math.max(...valuesOf(windows, name)) }
  })
}

const coreLines = (cores: readonly Cores[], when: string): readonly Line[] =>
  cores.map(({ node, mean }) => [
    `verify's backends on ${node}, ${when}`,
    `${percent(mean)} of a core`,
    `≤ ${percent(asked.cores)}`,
    mean <= asked.cores,
  ])

const mostIn = (cores: readonly Cores[]): string => cores.map(({ node, most }) => `${node} ${percent(most)}`).join(', ')

const didIn = (windows: readonly Kept[], seconds: number, when: string): string =>
  `${when} it compared ${whole(totalOf(windows, 'rows physical'))} rows with the standby and ${whole(totalOf(windows, 'rows logical'))} with the subscriber, in ${whole(totalOf(windows, 'chunks'))} chunks and ${windows.length * seconds} s`

function isAtWork(figures: Kept['figures'], nodes: readonly string[]): boolean {
  const compared = (figures['rows physical'] ?? 0) + (figures['rows logical'] ?? 0)
  const works = nodes.every((node) => (figures[`cores ${node}`] ?? 0) >= atWork.cores)
  return compared > 0 && works && (figures['presence'] ?? 0) >= atWork.presence
}

const valuesOf = (windows: readonly Kept[], name: string): readonly number[] =>
  windows.map(({ figures }) => figures[name] ?? Number.NaN)

const totalOf = (windows: readonly Kept[], name: string): number =>
  valuesOf(windows, name).reduce((total, each) => total + each, 0)

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const whole = (count: number): string => count.toLocaleString('en')
