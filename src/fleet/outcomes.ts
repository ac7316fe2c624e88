import type { OutcomeCell, OutcomesFact } from '../core/facts/cluster.ts'
import { redact } from '../core/redact.ts'

/** One outcome as the application reported it. */
export interface Outcome {
  readonly atMs: number
  readonly instance: string
  readonly node: string
  readonly code: string
  /** The version of the application that it was, where it says so. */
  readonly release: string | null
}

export const windowMs = 300_000

/** Clocks differ; a line from further ahead than this is no outcome of now. */
const aheadMs = 60_000
/** Of one second: an application that puts its error texts into `code` must not fill our memory. */
const cellsPerSecond = 200
const longest = 100

const word = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? redact(value.slice(0, longest)) : null

const instant = (value: unknown): number =>
  typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN

/** One line `{"at":…,"instance":…,"node":…,"code":…,"release"?:…}`; null when it is none. `at` is RFC 3339 or milliseconds since the epoch. */
export function readOutcome(line: string): Outcome | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    // Not ours to repair: it is counted. Anything but bad JSON is a bug.
    if (error instanceof SyntaxError) return null
    throw error
  }
  if (typeof value !== 'object' || value === null) return null
  const field = (key: string): unknown => Reflect.get(value, key)
  const atMs = instant(field('at'))
  const [instance, node, code] = [word(field('instance')), word(field('node')), word(field('code'))]
  return Number.isFinite(atMs) && instance !== null && node !== null && code !== null
    ? { atMs, instance, node, code, release: word(field('release')) }
    : null
}

/** Outcomes by second, and within it by instance, node and code. */
export type Seconds = ReadonlyMap<number, ReadonlyMap<string, OutcomeCell>>

const key = ({ instance, node, code }: Omit<Outcome, 'atMs' | 'release'>): string =>
  JSON.stringify([instance, node, code])

/** The window with what came since, and without what is too old. */
export function withOutcomes(seconds: Seconds, outcomes: Iterable<Outcome>, nowMs: number): Seconds {
  const oldest = nowMs - windowMs
  const next = new Map([...seconds].filter(([atMs]) => atMs >= oldest))
  /** Seconds that are copied already: those that were given to us stay as they were. */
  const copied = new Map<number, Map<string, OutcomeCell>>()
  for (const outcome of outcomes) {
    const atMs = Math.floor(outcome.atMs / 1000) * 1000
    if (atMs < oldest || atMs > nowMs + aheadMs) continue
    const cells = copied.get(atMs) ?? new Map(next.get(atMs))
    copied.set(atMs, cells)
    next.set(atMs, cells)
    const full = cells.size >= cellsPerSecond && !cells.has(key(outcome))
    const { instance, node, code } = full ? { ...outcome, code: 'other' } : outcome
    const count = (cells.get(key({ instance, node, code }))?.count ?? 0) + 1
    cells.set(key({ instance, node, code }), { instance, node, code, count })
  }
  return next
}

/** As a fact, oldest second first, cells in the order of their words. */
export const outcomesFact = (seconds: Seconds, baseline: number | null): OutcomesFact => ({
  seconds: [...seconds]
    .toSorted(([a], [b]) => a - b)
    .map(([atMs, cells]) => ({
      atMs,
      cells: [...cells].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell),
    })),
  baseline,
})
