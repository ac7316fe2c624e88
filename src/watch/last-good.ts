/** How long after a harmless change the state that it made becomes the good one. */
const settleMs = 600_000

export interface LastGood {
  /** Null while nothing is known good: then a diagnosis confirms nothing but what contradicts a declaration. */
  readonly atMs: number | null
}

export interface Health {
  readonly atMs: number
  /** Every node answered, and its slow facts were read. */
  readonly complete: boolean
  /** Every contract answers, no critical finding is open. */
  readonly green: boolean
  /** Time of the newest change; null without one. */
  readonly lastChangeMs: number | null
}

/**
 * The first complete fingerprint with everything green, moving on ten minutes after a harmless change. A watcher that starts
 * inside an outage knows nothing good: its contracts are not green.
 */
export function nextLastGood(state: LastGood, health: Health): LastGood {
  if (!health.complete || !health.green) return state
  if (state.atMs === null) return { atMs: health.atMs }
  const quiet = health.lastChangeMs === null || health.atMs - health.lastChangeMs >= settleMs
  return quiet && health.lastChangeMs !== null && state.atMs < health.lastChangeMs ? { atMs: health.atMs } : state
}
