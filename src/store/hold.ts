import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AntemortemError } from '../core/error.ts'
import { leaseLost } from './lease-lost.ts'
import type { Lease, Store } from './store.ts'

/** A lease with its heartbeat. */
export interface Held {
  readonly lease: Lease
  /** Aborts, with the reason, when somebody else has taken the lease or it can no longer be renewed. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

export interface Holding {
  readonly name: string
  readonly holder: string
  readonly ttlMs: number
  /** Ends the wait for a holder who may be dead. */
  readonly signal?: AbortSignal
  /** What to say when the other one is alive. */
  readonly busy: (other: Lease) => AntemortemError
}

export type LeaseStore = Pick<Store, 'takeLease' | 'renewLease' | 'releaseLease' | 'leaseOf'>

/** Longest wait for a dead holder's lease: a clock that was set back must not hang a command. */
const patienceMs = 60_000

/** Who holds a lease, in words that lead a person to the process. */
export const thisProcess = (): string => `${hostname()} process ${process.pid}`

/**
 * Takes a lease and keeps it. While another has it, waits until that one's time runs out, as it does after `kill -9`; when it
 * is renewed meanwhile its holder is alive, and the answer is no.
 */
export async function hold(store: LeaseStore, holding: Holding): Promise<Held> {
  const { name, holder, ttlMs, signal, busy } = holding
  const startedMs = performance.now()
  let first: Lease | null = null
  for (;;) {
    signal?.throwIfAborted()
    const lease = await store.takeLease(name, holder, ttlMs)
    if (lease) return keep(store, lease, ttlMs)
    const other = await store.leaseOf(name)
    const alive = first && other && (other.epoch !== first.epoch || other.untilMs !== first.untilMs)
    if (other && (alive || performance.now() - startedMs > patienceMs)) throw busy(other)
    first ??= other
    await sleep(Math.min(100, ttlMs / 10), undefined, signal ? { signal } : undefined)
  }
}

function keep(store: LeaseStore, lease: Lease, ttlMs: number): Held {
  const lost = new AbortController()
  let renewedMs = performance.now()
  let pending = Promise.resolve()

  const beat = async (): Promise<void> => {
    try {
      if (await store.renewLease(lease, ttlMs)) renewedMs = performance.now()
      else lost.abort(leaseLost(lease, await store.leaseOf(lease.name)))
    } catch (error) {
      // A store that is busy or full for a moment is no reason to stop; one that stays so is.
      if (performance.now() - renewedMs > ttlMs) lost.abort(error)
    }
    if (lost.signal.aborted) clearInterval(timer)
  }
  const timer = setInterval(() => {
    pending = pending.then(beat)
  }, ttlMs / 3)
  // The heart beats for the work; it must not keep a process alive that has nothing else to do.
  timer.unref()

  return {
    lease,
    lost: lost.signal,
    async release() {
      clearInterval(timer)
      await pending
      await store.releaseLease(lease)
    },
  }
}
