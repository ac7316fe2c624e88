import { setTimeout as sleep } from 'node:timers/promises'

/** Runs statements so that they take no more than their share of the time; `load` 1 is without a rest. */
export interface Pace {
  run<T>(work: () => Promise<T>): Promise<T>
}

export const paced = (load: number, signal: AbortSignal): Pace => ({
  async run(work) {
    const startedAt = performance.now()
    try {
      return await work()
    } finally {
      const busyMs = performance.now() - startedAt
      if (load < 1) await sleep(busyMs * (1 / load - 1), undefined, { signal })
    }
  },
})
