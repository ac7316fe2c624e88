import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 20

/**
 * What something gave, and how long this process itself could not go on meanwhile: on a busy host it waits for a processor as
 * everybody does, and would take its own waiting for that of a server.
 */
export async function withOwnDelay<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly ownDelayMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  try {
    const value = await work()
    delay.disable()
    // Each turn counts from one timer to the next, so what is not late has the resolution's length.
    const late = delay.count === 0 ? 0 : delay.count * (delay.mean / 1e6 - resolutionMs)
    return { value, ownDelayMs: Math.max(0, late) }
  } finally {
    delay.disable()
  }
}
