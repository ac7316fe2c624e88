import type { ContractFact } from '../core/facts/cluster.ts'
import type { ProbeTarget } from './targets.ts'
import { roundTrip } from '../engines/postgres/index.ts'

const limits = {
  leastMs: {
    default: 8_000,
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
}

/**
 * How long the application's own way to a node takes, where its contract is late or gets no answer: one round trip without login
 * or statement. Beside the probes, because it waits for longer than they do; once for all who go the same way.
 */
export class RoundTrips {
  readonly #clock: () => number
  readonly #signal: AbortSignal
  readonly #known = new Map<string, Measured>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(clock: () => number, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
  }

  /** The result with what is known of its way. */
  with(target: ProbeTarget, fact: ContractFact): ContractFact {
    const measured = this.#known.get(wayOf(target) ?? '')
    const isValid = measured !== undefined && this.#clock() - measured.atMs <= limits.validMs.default
    return isValid && isOfTheWay(fact) ? { ...fact, roundTripMs: measured.ms } : fact
  }

  /** Asks the way of a result that may be its; `then` when it is known. */
  start(target: ProbeTarget, fact: ContractFact, then: () => void): void {
    const way = wayOf(target)
    if (way === null || !('settings' in target) || !isOfTheWay(fact) || this.#running.has(way)) return
    if (this.#clock() - (this.#known.get(way)?.atMs ?? 0) < limits.everyMs.default) return
    const { host, port, pool } = target.settings
    const deadlineMs = Math.max(limits.leastMs.default, 2 * pool.connectTimeoutMs)
    const work = roundTrip({ host, port }, { signal: this.#signal, deadlineMs })
      .then((ms) => {
        if (this.#signal.aborted) return
        if (ms === undefined) this.#known.delete(way)
        else this.#known.set(way, { atMs: this.#clock(), ms })
        then()
      })
      .finally(() => this.#running.delete(way))
    this.#running.set(way, work)
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#running.values())
  }
}

/** By address: instances that connect to the same place go the same way. */
const wayOf = (target: ProbeTarget): string | null =>
  target.route === 'application' && 'settings' in target ? `${target.settings.host}:${target.settings.port}` : null
