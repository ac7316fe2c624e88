/** What one look costs the server that is looked at: `node bench/sample.ts` prints a table. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { greetingStatement } from '../src/contracts/greeting.ts'
import { probe } from '../src/contracts/probe.ts'
import { targetsOf } from '../src/contracts/targets.ts'
import type { ClusterConfig } from '../src/core/configuration.ts'
import {
  openNode,
  openSession,
  sampleFast,
  sampleSlow,
  type NodeLink,
  type Statement,
} from '../src/engines/postgres/index.ts'
import { postmasterPid } from '../src/lab/postmaster.ts'
import { startExporter } from '../script/measuring/exporter.ts'
import { exactMs, meterOf, type CpuMeter } from '../script/measuring/server-cpu.ts'
import { openStage } from '../script/measuring/stage.ts'

const times = Number(process.env['ANTEMORTEM_TIMES'] ?? 1000)
const { signal } = new AbortController()
const options = { signal, deadlineMs: 5000, clock: Date.now }

interface Cost {
  readonly words: string
  readonly count: number
  /** Of the server, each. */
  readonly ms: number
  /** Until the answer was read, each. */
  readonly wallMs: number
}

async function cost(words: string, count: number, read: () => number, work: () => Promise<unknown>): Promise<Cost> {
  // Plans, catalog caches and the server's own are filled first.
  for (let n = 0; n < Math.min(20, count); n += 1) await work()
  const before = read()
  const startedAt = performance.now()
  for (let n = 0; n < count; n += 1) await work()
  const wallMs = (performance.now() - startedAt) / count
  // A process that goes to sleep has its last turn counted; one that ends must have ended.
  await sleep(20)
  return { words, count, ms: (read() - before) / count, wallMs }
}

/** CPU of the one backend behind a link. */
async function backendOf(link: NodeLink): Promise<() => number> {
  const reached = await link.reach(signal)
  if (!reached.ok) throw new Error(reached.failure.message)
  const { pid } = reached.reader.session
  return () => exactMs(pid) ?? Number.NaN
}

async function samples(url: string, name: string): Promise<readonly Cost[]> {
  const link = await openNode({ name, url, signal, deadlineMs: 2000 })
  const read = await backendOf(link)
  // As a primary without subscriptions is asked.
  const least = ['activity', 'databases', 'replicationSlots', 'sessions'] as const
  const fast = (digest: boolean, asked: readonly (typeof least)[number][]) => async (): Promise<unknown> =>
    sampleFast(link, {
      ...options,
      digest,
      leave: least.filter((key) => !asked.includes(key)),
      nothing: ['receiver', 'subscriptionStates'],
    })
  const one = async (): Promise<unknown> => {
    const reached = await link.reach(signal)
    return reached.ok ? reached.reader.session.run({ name: 'one', text: 'select 1' }, options) : null
  }
  try {
    return [
      await cost('select 1', times, read, one),
      await cost('fast sample, the least', times, read, fast(false, [])),
      await cost('fast sample with sessions', times, read, fast(false, ['sessions'])),
      await cost('fast sample with everything and the digest, the most', times, read, fast(true, least)),
      await cost('slow sample, settings only', times, read, async () =>
        sampleSlow(link, { ...options, only: ['settings'] }),
      ),
      await cost('slow sample', times, read, async () => sampleSlow(link, options)),
    ]
  } finally {
    await link.close()
  }
}

/** New connections: the postmaster, whoever it forks, and their end. */
async function probes(cluster: ClusterConfig, node: string, meter: CpuMeter): Promise<readonly Cost[]> {
  const [contract] = cluster.contracts
  if (!contract) return []
  const target = targetsOf(cluster, contract, (file) => readFileSync(file, 'utf8')).find((each) => each.node === node)
  if (!target || !('settings' in target)) return []
  const connect = (statement: Statement | null) => async (): Promise<void> => {
    const opened = await openSession(target.settings.address(), { ...options, applicationName: 'bench' })
    if (!opened.ok) throw new Error(opened.failure.message)
    if (statement) await opened.session.run(statement, options)
    await opened.session.close()
  }
  const key = randomBytes(32)
  const once = (canary: string | null) => async (): Promise<void> => {
    const { fact } = await probe(target, { signal, canary, withinMs: 1000, key, from: 'bench' })
    if (!fact.ok) throw new Error(fact.message ?? 'the probe has failed')
  }
  const read = (): number => meter.read().serving
  const count = Math.ceil(times / 10)
  return [
    await cost('a new connection and its end', count, read, connect(null)),
    await cost('the same with `select 1`', count, read, connect({ text: 'select 1' })),
    await cost("the same with the probe's first statement", count, read, connect(greetingStatement(2000))),
    await cost('probe without canary', count, read, once(null)),
    await cost('probe with canary', count, read, once(contract.canary)),
  ]
}

const stage = await openStage({ autovacuum: 'off', checkpoint_timeout: '1h' })
const { lab, names, app, cluster } = stage
let meter: CpuMeter | null = null
try {
  await app.stop()
  await sleep(2000)
  const { name, dataDir } = lab.node(names.primary)
  meter = meterOf(postmasterPid(dataDir) ?? 0)
  const readServer = meter.read
  const exporter = await startExporter(lab.url(name, 'watch'))
  const scrape = await cost(
    'one scrape of postgres_exporter',
    Math.ceil(times / 10),
    () => readServer().serving,
    exporter.scrape,
  )
  await exporter.close()
  const costs = [...(await samples(lab.url(name, 'watch'), name)), ...(await probes(cluster, name, meter)), scrape]
  const least = costs[0]?.ms ?? Number.NaN
  console.log(
    'look | times | ms of server CPU | ms of wall time | of `select 1` | of a scrape\n--- | --- | --- | --- | --- | ---',
  )
  for (const { words, count, ms, wallMs } of costs)
    console.log(
      [words, count, ms.toFixed(3), wallMs.toFixed(2), (ms / least).toFixed(1), (ms / scrape.ms).toFixed(3)].join(
        ' | ',
      ),
    )
} finally {
  await lab.close()
  meter?.close()
}
