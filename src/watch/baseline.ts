import type { OutcomesFact } from '../core/facts/cluster.ts'

/** Seconds this young may already hold the harm that they are to be compared with. */
const ageMs = 10_000

/**
 * Share of failures that is usual: learned from seconds that are old enough, and only while nothing hurts. Null until there were
 * ten operations: less is an accident.
 */
export function learnBaseline(
  before: number | null,
  seconds: OutcomesFact['seconds'],
  atMs: number,
  calm: boolean,
): number | null {
  if (!calm) return before
  let total = 0
  let failed = 0
  for (const second of seconds) {
    if (second.atMs > atMs - ageMs) continue
    for (const { code, count } of second.cells) {
      total += count
      if (code !== 'ok') failed += count
    }
  }
  return total < 10 ? before : failed / total
}
