import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { authBlueprint } from '../../src/lab/auth.ts'
import { startLab } from '../../src/lab/start-lab.ts'
import type { Measured } from './parts.ts'

const nodes = 300
const settleMs = 30_000
const forMs = 1000 * Number(process.env['ANTEMORTEM_SECONDS'] ?? 120)
const most = { late: 2, cpu: 0.25, rssMb: 250 } as const
/** A timer fires at whole milliseconds: of two loops that are both on time, neither is later. */
const timerMs = 1

const spread = z.object({ p50: z.number(), p95: z.number(), p99: z.number() })
const figures = z.object({
  samples: z.number(),
  unanswered: z.number(),
  ticks: z.number(),
  late: spread,
  took: spread,
  cpu: z.number(),
  rssMb: z.number(),
})
type Figures = z.infer<typeof figures>
type Fleets = readonly (readonly { readonly name: string; readonly url: string }[])[]

/** 300 nodes at three servers, as a hundred clusters; beside them a process that does nothing but wait, at the same time. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const blueprint = authBlueprint()
  const room = { max_connections: String(nodes / 3 + 50) }
  const lab = await startLab({
    ...blueprint,
    nodes: blueprint.nodes.map((node) => ({ ...node, settings: { ...node.settings, ...room } })),
  })
  try {
    const cluster = (n: number): Fleets[number] =>
      lab.nodes.map(({ name }) => ({ name: `${name}-${n}`, url: lab.url(name, 'watch') }))
    const clusters = Array.from({ length: nodes / lab.nodes.length }, (_, n) => cluster(n))
    const [looking, waiting] = await Promise.all([run(clusters), run(clusters.map(() => []))])
    progress(`looking: ${words(looking)}; waiting only: ${words(waiting)}`)
    return table(looking, waiting)
  } finally {
    await lab.close()
  }
}

async function run(fleets: Fleets): Promise<Figures> {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../../bench/many.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify({ fleets, settleMs, forMs }))
  const [answer] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return figures.parse(JSON.parse(answer))
}

function table(looking: Figures, waiting: Figures): Measured {
  const ratio = looking.late.p95 / Math.max(timerMs, waiting.late.p95)
  const met = ratio <= most.late && looking.cpu <= most.cpu && looking.rssMb <= most.rssMb
  const row = (name: string, { ticks, samples, late, took, cpu, rssMb }: Figures): readonly string[] => [
    name,
    String(ticks),
    String(samples),
    spreadOf(late),
    samples === 0 ? '–' : spreadOf(took),
    `${(cpu * 100).toFixed(1)} %`,
    rssMb.toFixed(0),
  ]
  return {
    header: ['process', 'ticks', 'samples', 'a tick late by, ms', 'a tick took, ms', 'CPU of a core', 'memory, MB'],
    rows: [row('**100 clusters of 3 nodes**', looking), row('100 timers and nothing else, at the same time', waiting)],
    notes: [
      `Asked of 100 clusters of 3 nodes: at p95 a tick at most ${most.late} times as late as of the bare timers, at most ${most.cpu * 100} % of a core, at most ${most.rssMb} MB. Measured: ${ratio.toFixed(2)} times, ${(looking.cpu * 100).toFixed(1)} %, ${looking.rssMb.toFixed(0)} MB. ${met ? 'Met.' : '**Not met.**'}`,
      `Lateness and duration are p50 / p95 / p99; a bare timer that is less than ${timerMs} ms late counts as ${timerMs} ms. Of ${looking.samples} samples ${looking.unanswered} were not answered within their round.`,
      `Three real servers with ${nodes / 3} connections each, so that their 300 processes share the machine with who asks them. The fleet as a watch has it: fast samples each second, descriptions each minute, connections, changes, roles. Not the checks and the store. Memory is the most that was resident; what Node takes for reading TypeScript is in it, and in that of the bare timers.`,
    ],
    met,
  }
}

const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0)
const spreadOf = ({ p50, p95, p99 }: Figures['late']): string => [p50, p95, p99].map(ms).join(' / ')
const words = ({ late, cpu, rssMb }: Figures): string =>
  `late ${spreadOf(late)} ms, ${(cpu * 100).toFixed(1)} % of a core, ${rssMb.toFixed(0)} MB`
