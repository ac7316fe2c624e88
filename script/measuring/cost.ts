import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../../src/core/configuration.ts'
import { openNode, sampleFast, sampleSlow } from '../../src/engines/postgres/index.ts'
import { learnFast, learnSlow, nextFast, nothingKnown } from '../../src/fleet/known.ts'
import { postmasterPid } from '../../src/lab/postmaster.ts'
import { startExporter } from './exporter.ts'
import { costs, type Figures, type Taken } from './cost-table.ts'
import type { Measured } from './parts.ts'
import { meterOf, type CpuMeter, type ServerCpu } from './server-cpu.ts'
import { openStage, startWatch, type Stage, type Watching } from './stage.ts'

const windowMs = 1000 * Number(process.env['ANTEMORTEM_SECONDS'] ?? 60)
const rounds = Number(process.env['ANTEMORTEM_ROUNDS'] ?? 3)
/** Connecting, the first slow samples, the first probe of every target: paid once, not every minute. */
const settleMs = 8_000
const scrapeMs = 15_000
const largeRows = 100_000

/** What looks at the servers while their CPU time is counted, for one window after the other. */
interface Load {
  readonly start: (stage: Stage) => Promise<Running>
  readonly windows: readonly { readonly id: string; readonly before?: (stage: Stage) => Promise<void> }[]
}

interface Running {
  readonly stop: () => Promise<void>
  readonly watching?: Watching
}

const without = (cluster: ClusterConfig, what: 'contracts' | 'canary'): ClusterConfig => ({
  ...cluster,
  contracts: what === 'contracts' ? [] : cluster.contracts.map((contract) => ({ ...contract, canary: null })),
})

const watched =
  (of: (cluster: ClusterConfig) => ClusterConfig) =>
  async ({ cluster }: Stage): Promise<Running> => {
    const watching = await startWatch(of(cluster))
    return { watching, stop: watching.stop }
  }

const loads: readonly Load[] = [
  { start: async () => ({ stop: async () => undefined }), windows: [{ id: 'idle' }] },
  { start: scraped, windows: [{ id: 'exporter' }] },
  { start: sampled, windows: [{ id: 'fast' }] },
  { start: watched((cluster) => without(cluster, 'contracts')), windows: [{ id: 'samples' }] },
  { start: watched((cluster) => without(cluster, 'canary')), windows: [{ id: 'probes' }] },
  {
    start: watched((cluster) => cluster),
    windows: [{ id: 'watch' }, { id: 'changed', before: change }, { id: 'settled' }],
  },
]

/** What a comparison costs goes with the rows: the most that the watch compares. */
const large: Load = {
  start: watched((cluster) => cluster),
  windows: [{ id: 'changed-large', before: change }, { id: 'settled-large' }],
}

async function scraped({ lab }: Stage): Promise<Running> {
  const exporters = await Promise.all(lab.nodes.map(async ({ name }) => startExporter(lab.url(name, 'watch'))))
  const stop = paced(scrapeMs, async () => Promise.all(exporters.map(async ({ scrape }) => scrape())))
  return {
    stop: async () => {
      await stop()
      await Promise.all(exporters.map(async ({ close }) => close()))
    },
  }
}

/** As the fleet asks them: what is known to be nothing is left out, and the digest comes every few times. */
async function sampled({ cluster }: Stage): Promise<Running> {
  const stops = await Promise.all(
    cluster.nodes.map(async ({ name, url }) => {
      const link = await openNode({ name, url, signal: new AbortController().signal, deadlineMs: 2000 })
      const options = { deadlineMs: 5000, clock: Date.now }
      const slow = await sampleSlow(link, { ...options, signal: new AbortController().signal })
      let { known } = learnSlow(nothingKnown(name), slow, 'everything')
      const stop = paced(1000, async (signal) => {
        known = learnFast(known, await sampleFast(link, { ...options, signal, ...nextFast(known) })).known
      })
      return async () => {
        await stop()
        await link.close()
      }
    }),
  )
  return { stop: async () => void (await Promise.all(stops.map(async (stop) => stop()))) }
}

/** Calls again and again at this pace, whatever a call takes. */
function paced(everyMs: number, work: (signal: AbortSignal) => Promise<unknown>): () => Promise<void> {
  const ended = new AbortController()
  const loop = async (): Promise<void> => {
    for (let nextAt = performance.now() + everyMs; !ended.signal.aborted; nextAt += everyMs) {
      await work(ended.signal)
      await sleep(Math.max(0, nextAt - performance.now()), undefined, { signal: ended.signal })
    }
  }
  const running = loop().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error
  })
  // Whoever stops it hears of its failure.
  running.catch(() => undefined)
  return async () => {
    ended.abort()
    await running
  }
}

/** A change that breaks nothing: its table is compared on every node that serves reads from then on. */
async function change({ lab, names }: Stage): Promise<void> {
  await lab.rows(names.primary, `alter table orders alter column placed_at set default '${new Date().toISOString()}'`)
}

async function grow({ lab, names }: Stage): Promise<void> {
  await lab.rows(
    names.primary,
    `insert into orders (user_id, amount) select 1 + n % 1000, n % 500 from generate_series(2001, ${largeRows}) n; analyze orders`,
  )
  await lab.caughtUp()
  for (const { name, role } of lab.nodes) if (role === 'subscriber') await lab.rows(name, 'analyze orders')
}

/** CPU time of three servers, with one way of looking at them after the other, in turns. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  // Whatever a server does by itself at times of its own would be on somebody's bill.
  const stage = await openStage({ autovacuum: 'off', checkpoint_timeout: '1h' })
  const nodes = stage.lab.nodes.map(({ name }) => name)
  const meters: CpuMeter[] = []
  const taken: Taken = new Map()
  const take = async (load: Load): Promise<void> => {
    const running = await load.start(stage)
    try {
      await sleep(settleMs)
      for (const { id, before } of load.windows) {
        await before?.(stage)
        const figures = await countWindow(meters)
        taken.set(id, [...(taken.get(id) ?? []), figures])
        const words = nodes.map(
          (node, n) => `${node} ${figures.serving[n]?.toFixed(1)} + ${figures.background[n]?.toFixed(0)}`,
        )
        progress(`${id}: ${words.join(', ')}; watcher ${figures.own.toFixed(0)} ms of CPU a minute`)
      }
      const touched = running.watching?.watch.judged?.case.snapshot.facts.touched
      if (
        load.windows.some(({ before }) => before !== undefined) &&
        !(touched?.seen === true && touched.value.length > 0)
      )
        throw new Error('the watch has not compared the table that a change touched')
    } finally {
      await running.stop()
    }
  }
  try {
    // Its settings files are all that is needed of the application.
    await stage.app.stop()
    await sleep(settleMs)
    for (const { dataDir } of stage.lab.nodes) meters.push(meterOf(postmasterPid(dataDir) ?? 0))
    for (let round = 0; round < rounds; round += 1) for (const load of loads) await take(load)
    await grow(stage)
    await take(large)
  } finally {
    await stage.lab.close()
    for (const meter of meters) meter.close()
  }
  return costs(nodes, taken, { how: meters[0]?.how ?? 'proc', large: largeRows, windowMs })
}

async function countWindow(meters: readonly CpuMeter[]): Promise<Figures> {
  const startedAt = performance.now()
  const own = process.cpuUsage()
  const before = meters.map((meter) => meter.read())
  await sleep(windowMs)
  const after = meters.map((meter) => meter.read())
  const minutes = (performance.now() - startedAt) / 60_000
  const { user, system } = process.cpuUsage(own)
  const of = (what: keyof ServerCpu): readonly number[] =>
    after.map((cpu, n) => (cpu[what] - (before[n]?.[what] ?? 0)) / minutes)
  return { serving: of('serving'), background: of('background'), own: (user + system) / 1000 / minutes }
}
