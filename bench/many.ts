/**
 * One process that looks at very many nodes every second, and tells what that cost it: `node bench/many.ts`, started by
 * script/measuring/many.ts, which writes what to look at on its standard input and reads the figures from its standard output.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { keepMemorySmall } from '../src/cli/small-memory.ts'
import { openFleet, type Fleet } from '../src/fleet/fleet.ts'

keepMemorySmall()
const tickMs = 1000
const asked = z
  .object({
    /** Each fleet's nodes; of one without nodes there is only the timer. */
    fleets: z.array(z.array(z.object({ name: z.string(), url: z.string() }))),
    /** Connecting and the first description of every node are paid once, and are not counted. */
    settleMs: z.number(),
    forMs: z.number(),
  })
  .parse(JSON.parse(await text(process.stdin)))

const { signal } = new AbortController()
/** A few at a time: 300 processes that a server forks at once are its own measurement. */
const abreast = 20
const fleets: Fleet[] = []
for (let n = 0; n < asked.fleets.length; n += abreast)
  fleets.push(
    ...(await Promise.all(
      asked.fleets
        .slice(n, n + abreast)
        .map(async (nodes) =>
          openFleet({ nodes: nodes.map((node) => ({ ...node, act: null, host: null })) }, { clock: Date.now, signal }),
        ),
    )),
  )

const late: number[] = []
const took: number[] = []
let unanswered = 0
let samples = 0
let countedFrom = Number.POSITIVE_INFINITY
let highest = 0

/** As a watch does it: the next tick is due a second after the last one began, however late that was. */
async function loop(fleet: Fleet, firstAt: number, until: number): Promise<void> {
  for (let dueAt = firstAt; dueAt < until;) {
    await sleep(Math.max(0, dueAt - performance.now()))
    const startedAt = performance.now()
    const lateMs = startedAt - dueAt
    dueAt = startedAt + tickMs
    const tick = await fleet.tick()
    if (startedAt < countedFrom) continue
    // A timer may fire a fraction of a millisecond early.
    late.push(Math.max(0, lateMs))
    took.push(performance.now() - startedAt)
    for (const { facts } of tick.nodes) {
      samples += 1
      if (!facts.server.seen) unanswered += 1
    }
  }
}

const beganAt = performance.now() + 100
const until = beganAt + asked.settleMs + asked.forMs
const loops = fleets.map(async (fleet, n, all) => loop(fleet, beganAt + (tickMs * n) / all.length, until))
await sleep(asked.settleMs)
countedFrom = performance.now()
const before = process.cpuUsage()
const watched = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 500)
await Promise.all(loops)
clearInterval(watched)
const { user, system } = process.cpuUsage(before)
const cpu = (user + system) / 1000 / (performance.now() - countedFrom)
await Promise.all(fleets.map(async (fleet) => fleet.close()))

const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN
console.log(
  JSON.stringify({
    samples,
    unanswered,
    ticks: late.length,
    late: { p50: at(late, 0.5), p95: at(late, 0.95), p99: at(late, 0.99) },
    took: { p50: at(took, 0.5), p95: at(took, 0.95), p99: at(took, 0.99) },
    cpu,
    rssMb: highest / 1e6,
  }),
)
