import type { ClusterConfig } from '../core/configuration.ts'
import type { ContractFact } from '../core/facts/cluster.ts'
import { roundTrip } from '../engines/postgres/index.ts'
import { placeOf } from './place-of.ts'
import type { ProbeTarget } from './targets.ts'

const limits = {
  leastMs: {
    default: 6_000,
    unit: 'ms',
    why: 'a slow way looks cut to whoever gives up as early as the client: 1.5 s called a round trip of 3 s a partition',
  },
  everyMs: { default: 5_000, unit: 'ms', why: 'the way is asked again while it fails, not hammered' },
  validMs: { default: 20_000, unit: 'ms', why: 'what the way was like longer ago says nothing about it now' },
} as const

/** Failures that the way alone may be. */
const isOfTheWay = ({ ok, layer }: ContractFact): boolean =>
  !ok && (layer === 'tcp' || layer === 'tls' || layer === 'latency')

interface Measured {
  readonly atMs: number
  readonly ms: number | null
  /** Absent where the watcher has no other way. */
  readonly directMs?: number | null
}

interface Place {
  readonly host: string
  readonly port: number
}

/** So many at once: one that a busy host has held up is no slow way. */
const together = 3

/**
 * How long the application's own way to a node takes, where its contract is late or gets no answer: one round trip without login
 * or statement, and at the same moment the same to the watcher's own address: what both take is the server's or this host's.
 * Beside the probes, because it waits for longer than they do; once for all who go the same way.
 */
export class RoundTrips {
  readonly #cluster: Pick<ClusterConfig, 'nodes'>
  readonly #clock: () => number
  readonly #signal: AbortSignal
  readonly #known = new Map<string, Measured>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(cluster: Pick<ClusterConfig, 'nodes'>, clock: () => number, signal: AbortSignal) {
    this.#cluster = cluster
    this.#clock = clock
    this.#signal = signal
  }

  /** The result with what is known of its way. */
  with(target: ProbeTarget, fact: ContractFact): ContractFact {
    const measured = this.#known.get(wayOf(target) ?? '')
    const isValid = measured !== undefined && this.#clock() - measured.atMs <= limits.validMs.default
    if (!isValid || !isOfTheWay(fact)) return fact
    const { ms, directMs } = measured
    return { ...fact, roundTripMs: ms, ...(directMs !== undefined && { directTripMs: directMs }) }
  }

  /** Asks the way of a result that may be its; `then` when it is known. */
  start(target: ProbeTarget, fact: ContractFact, then: () => void): void {
    if (isOfTheWay(fact)) this.ask(target, then)
  }

  /** The same where the application says that it fails: the answer is to be there when the probe's is. */
  ask(target: ProbeTarget, then: () => void): void {
    const way = wayOf(target)
    if (way === null || !('settings' in target) || this.#running.has(way)) return
    if (this.#clock() - (this.#known.get(way)?.atMs ?? 0) < limits.everyMs.default) return
    const { host, port, pool } = target.settings
    const deadlineMs = Math.max(limits.leastMs.default, 2 * pool.connectTimeoutMs)
    const direct = placeOf(this.#cluster, target.node)
    const isOther = direct !== null && (direct.host !== host || direct.port !== port)
    const trips = async (to: Place) =>
      Promise.all(Array.from({ length: together }, () => roundTrip(to, { signal: this.#signal, deadlineMs })))
    const work = Promise.all([trips({ host, port }), isOther ? trips(direct) : []])
      .then(([own, others]) => {
        if (this.#signal.aborted) return
        const ms = least(own)
        const directMs = most(others)
        if (ms === undefined) this.#known.delete(way)
        else this.#known.set(way, { atMs: this.#clock(), ms, ...(directMs !== undefined && { directMs }) })
        then()
      })
      .finally(() => this.#running.delete(way))
    this.#running.set(way, work)
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#running.values())
  }
}

type Trip = number | null | undefined

/** The best that the way can do: null only where nothing came back at all. */
function least(trips: readonly Trip[]): Trip {
  if (trips.some((trip) => trip === undefined)) return undefined
  const answered = trips.filter((trip) => typeof trip === 'number')
  return answered.length === 0 ? null : Math.min(...answered)
}

/** The worst that the other way does. */
function most(trips: readonly Trip[]): Trip {
  if (trips.length === 0 || trips.some((trip) => trip === undefined)) return undefined
  const answered = trips.filter((trip) => typeof trip === 'number')
  return answered.length < trips.length ? null : Math.max(...answered)
}

/** By address: instances that connect to the same place go the same way. */
const wayOf = (target: ProbeTarget): string | null =>
  target.route === 'application' && 'settings' in target ? `${target.settings.host}:${target.settings.port}` : null
