import type { SampledTable } from '../../core/rolling.ts'
import type { Entry } from './entry.ts'
import { keyOf } from './entry.ts'

/** All tables of all pairs, and whose turn it is. Pure: what happens at a table is in `entry.ts`. */
export interface Schedule {
  /** In this time each table is to be compared at least once. */
  readonly everyMs: number
  /** Turns so far. */
  readonly turn: number
  readonly entries: ReadonlyMap<string, Entry>
}

/** `again`: rows that differed, once more. `round`: its rows, from where it has come to. */
export interface Ask {
  readonly key: string
  readonly what: 'again' | 'round'
}

const limits = {
  retryMs: { default: 60_000, unit: 'ms', why: 'what hindered a comparison lasts; doubled after each' },
  hotShare: { default: 1 / 8, unit: 'share', why: 'where rows are written they can come to differ' },
  share: { default: 1 / 2, unit: 'share', why: 'the other half of the time is left for those that wait longer' },
} as const

export const beginSchedule = (everyMs: number, kept: readonly SampledTable[]): Schedule => ({
  everyMs,
  turn: 0,
  entries: new Map(kept.map((table) => [keyOf(table), entryOf(table)])),
})

const entryOf = (table: SampledTable): Entry => ({
  ...table,
  isPresent: false,
  isReadable: true,
  rowsEstimated: -1,
  isTouched: false,
  writes: null,
  writesBefore: null,
  servedAt: 0,
})

/** A table of a pair, as the catalogs list it now. */
export interface Listed extends Pick<SampledTable, 'left' | 'right' | 'schema' | 'table' | 'name'> {
  readonly rowsEstimated: number
  readonly refused: { readonly detail: string; readonly remedy: string; readonly isForbidden: boolean } | null
}

/** `isAll`: every node was seen; else what is not listed may only be out of sight. */
export function withTables(
  schedule: Schedule,
  tables: readonly Listed[],
  { isAll, atMs }: { readonly isAll: boolean; readonly atMs: number },
): Schedule {
  const entries = new Map<string, Entry>()
  if (!isAll) for (const [key, entry] of schedule.entries) entries.set(key, { ...entry, isPresent: false })
  for (const { refused, rowsEstimated, ...name } of tables) {
    const entry = schedule.entries.get(keyOf(name)) ?? entryOf({ ...untouched, ...name })
    const before = entry.refusal
    entries.set(keyOf(name), {
      ...entry,
      isPresent: true,
      isReadable: refused === null,
      rowsEstimated,
      // Known without a question: it counts as asked twice.
      refusal: refused
        ? { ...refused, times: 2, sinceMs: before?.sinceMs ?? atMs, atMs }
        : entry.isReadable
          ? before
          : null,
    })
  }
  return { ...schedule, entries }
}

const untouched = {
  stamp: null,
  after: null,
  begunMs: null,
  rows: 0,
  hasHole: false,
  verifiedMs: null,
  endedMs: null,
  failures: 0,
  difference: null,
  refusal: null,
} as const

/** These have just changed, on whichever node. */
export function touch(schedule: Schedule, tables: readonly Pick<SampledTable, 'schema' | 'table'>[]): Schedule {
  const names = new Set(tables.map(({ schema, table }) => JSON.stringify([schema, table])))
  return mapped(schedule, (entry) =>
    names.has(JSON.stringify([entry.schema, entry.table])) ? { ...entry, isTouched: true } : entry,
  )
}

/** Rows written so far, as the servers count them. */
export const withWrites = (schedule: Schedule, writesOf: (entry: Entry) => number | null): Schedule =>
  mapped(schedule, (entry) => {
    const writes = writesOf(entry)
    return { ...entry, writes, writesBefore: entry.writesBefore ?? writes }
  })

const mapped = (schedule: Schedule, change: (entry: Entry) => Entry): Schedule => ({
  ...schedule,
  entries: new Map([...schedule.entries].map(([key, entry]) => [key, change(entry)])),
})

export function withEntry(schedule: Schedule, key: string, change: (entry: Entry) => Entry): Schedule {
  const entry = schedule.entries.get(key)
  return entry ? { ...schedule, entries: new Map(schedule.entries).set(key, change(entry)) } : schedule
}

/** Its turn has come. */
export function serve(schedule: Schedule, key: string): Schedule {
  const turn = schedule.turn + 1
  return { ...withEntry(schedule, key, (entry) => ({ ...entry, servedAt: turn })), turn }
}

/** From most to least suspicious; null: it is not its time. */
function rankOf(entry: Entry, everyMs: number, atMs: number): 1 | 2 | 3 | 4 | null {
  if (!entry.isPresent || !entry.isReadable) return null
  if (entry.isTouched) return 1
  const { begunMs, endedMs, failures, difference, writes, writesBefore } = entry
  const restedMs = endedMs === null ? Number.POSITIVE_INFINITY : atMs - endedMs
  const calmMs = everyMs * limits.share.default
  const retryMs = Math.min(calmMs, limits.retryMs.default * 2 ** Math.min(failures - 1, 20))
  if (failures > 0 && (begunMs !== null || restedMs >= retryMs)) return 2
  const isHot = writes !== null && writesBefore !== null && writes !== writesBefore
  if ((isHot || difference !== null) && (begunMs !== null || restedMs >= everyMs * limits.hotShare.default)) return 3
  return begunMs !== null || restedMs >= calmMs ? 4 : null
}

const isAgain = (entry: Entry, atMs: number): boolean =>
  entry.isPresent && entry.isReadable && entry.difference !== null && entry.difference.againMs <= atMs

/** What was seen once before what is known, then what is due longest. */
const urgencyOf = ({ difference }: Entry): number =>
  difference === null ? 0 : difference.againMs - (difference.times === 1 ? Number.MAX_SAFE_INTEGER : 0)

const firstOf = (entries: readonly Ranked[], before: (a: Ranked, b: Ranked) => number): Ranked | null =>
  entries.reduce<Ranked | null>((first, entry) => (first === null || before(entry, first) < 0 ? entry : first), null)

interface Ranked {
  readonly key: string
  readonly entry: Entry
  readonly rank: number
}

const byWaiting = (a: Ranked, b: Ranked): number =>
  a.entry.servedAt - b.entry.servedAt || a.entry.rowsEstimated - b.entry.rowsEstimated || (a.key < b.key ? -1 : 1)

/**
 * Rows that differed first: they are few, and an alarm waits for them. Then the most suspicious, and of these who waits longest.
 * Every other turn belongs to whoever waits longest of all, so that no suspicion keeps the rest from being compared.
 */
export function next({ entries, everyMs, turn }: Schedule, atMs: number): Ask | null {
  const again = [...entries].filter(([, entry]) => isAgain(entry, atMs))
  const [first] = again.toSorted(([, a], [, b]) => urgencyOf(a) - urgencyOf(b))
  // One that was seen once is asked at once: it may be an alarm, and happens once a difference.
  const isFair = turn % 2 === 1 && (first?.[1].difference?.times ?? 2) > 1
  const ranked = [...entries].flatMap(([key, entry]): Ranked[] => {
    const rank = rankOf(entry, everyMs, atMs)
    return rank === null ? [] : [{ key, entry, rank }]
  })
  if (first && !(isFair && ranked.length > 0)) return { key: first[0], what: 'again' }
  const chosen = firstOf(ranked, isFair ? byWaiting : (a, b) => a.rank - b.rank || byWaiting(a, b))
  if (chosen) return { key: chosen.key, what: 'round' }
  return first ? { key: first[0], what: 'again' } : null
}

/** Is there something more urgent than to go on with this table? */
export function isOutranked({ entries, everyMs }: Schedule, key: string, atMs: number): boolean {
  const own = entries.get(key)
  if (!own?.isPresent) return true
  const isUrgent = (entry: Entry): boolean =>
    isAgain(entry, atMs) || (!own.isTouched && rankOf(entry, everyMs, atMs) === 1)
  return [...entries.values()].some(isUrgent)
}

/** How far it has come: every table that is there, and of these the oldest that is known. */
export interface Coverage {
  readonly tables: number
  /** Compared whole at least once. */
  readonly verified: number
  readonly oldestMs: number | null
}

export function coverageOf({ entries }: Schedule): Coverage {
  const present = [...entries.values()].filter(({ isPresent }) => isPresent)
  const verified = present.flatMap(({ verifiedMs }) => verifiedMs ?? [])
  return {
    tables: present.length,
    verified: verified.length,
    oldestMs: verified.length === 0 ? null : verified.reduce((oldest, ms) => Math.min(oldest, ms)),
  }
}
