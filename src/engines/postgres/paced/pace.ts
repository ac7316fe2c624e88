/** How hard one node may be worked, from what was done there and how it answers. */
export interface Pace {
  /** Share of the time in which a statement of ours may run, above 0 to 1; 1 is without a pause. */
  readonly load: number
  /** Of that share, what the server's latency leaves. */
  readonly share: number
  /** Rest that is owed for work done, in milliseconds. */
  readonly owedMs: number
  /** Round trips of a tiny statement, newest last. */
  readonly pings: readonly number[]
}

const limits = {
  kept: { default: 60, unit: 'pings', why: 'about a minute: what was quick a minute ago is what the server can do' },
  judged: { default: 3, unit: 'pings', why: 'one slow answer is chance' },
  times: { default: 3, unit: 'times', why: 'a statement that takes three times as long waits for somebody' },
  leastMs: { default: 5, unit: 'ms', why: 'below it a scheduler alone makes the difference' },
  leastShare: { default: 1 / 16, unit: 'share', why: 'a busy server is still verified, in sixteen times the time' },
} as const

export const beginPace = (load: number): Pace => ({ load, share: 1, owedMs: 0, pings: [] })

/** After a statement. At full load nothing is owed, whatever the latency: somebody waits for the answer. */
export const worked = (pace: Pace, busyMs: number): Pace =>
  pace.load >= 1 ? pace : { ...pace, owedMs: pace.owedMs + busyMs * (1 / (pace.load * pace.share) - 1) }

export const rested = (pace: Pace, ms: number): Pace => ({ ...pace, owedMs: Math.max(0, pace.owedMs - ms) })

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** After a tiny statement: halves the share while the server answers slower than it can, and gives it back as it recovers. */
export function pinged(pace: Pace, ms: number): Pace {
  const pings = [...pace.pings, ms].slice(-limits.kept.default)
  const usual = Math.min(...pings)
  const now = median(pings.slice(-limits.judged.default))
  const isSlow = now > Math.max(usual * limits.times.default, usual + limits.leastMs.default)
  const share = isSlow ? Math.max(limits.leastShare.default, pace.share / 2) : Math.min(1, pace.share * 2)
  return { ...pace, pings, share }
}
