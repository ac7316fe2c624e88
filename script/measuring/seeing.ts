import { setTimeout as sleep } from 'node:timers/promises'
import type { Watch } from '../../src/watch/watch.ts'

/** Who has not looked for so long has not watched. */
export const blindAfterMs = 3_000

/** What the watch saw: no finding is only worth something where somebody looked. */
export interface Seeing {
  /** How often each table was compared, by verdict: `orders on standby: equal`. */
  readonly verdicts: ReadonlyMap<string, number>
  readonly rounds: number
  readonly longestGapMs: number
  /** From the first round to the last, without the gaps in which nobody looked. */
  readonly watchedMs: number
}

/** Looks over the watch's shoulder until the signal is aborted. */
export function observe(
  watch: Watch,
  signal: AbortSignal,
): { readonly seeing: () => Seeing; readonly ended: Promise<void> } {
  const verdicts = new Map<string, number>()
  const last = new Map<string, number>()
  let rounds = 0
  let longestGapMs = 0
  let watchedMs = 0
  let lastRoundMs: number | null = null
  const look = (): void => {
    const roundMs = watch.state.history.at(-1)?.atMs ?? null
    if (roundMs !== null && roundMs !== lastRoundMs) {
      rounds += 1
      const gapMs = lastRoundMs === null ? 0 : roundMs - lastRoundMs
      longestGapMs = Math.max(longestGapMs, gapMs)
      if (gapMs <= blindAfterMs) watchedMs += gapMs
      lastRoundMs = roundMs
    }
    const touched = watch.judged?.case.snapshot.facts.touched
    if (touched?.seen !== true) return
    for (const { schema, table, node, atMs, verdict } of touched.value) {
      const name = `${schema}.${table} on ${node}`
      if (last.get(name) === atMs) continue
      last.set(name, atMs)
      verdicts.set(`${name}: ${verdict}`, (verdicts.get(`${name}: ${verdict}`) ?? 0) + 1)
    }
  }
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      look()
      await sleep(100, undefined, { signal })
    }
  }
  const ended = loop().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return { seeing: () => ({ verdicts, rounds, longestGapMs, watchedMs }), ended }
}
