import type { Sample } from '../core/snapshot.ts'

/** What decides whether a node is described again; every time on the watcher's clock. */
export interface Due {
  readonly samples: number
  /** Last values that were seen; a digest is not taken every time. */
  readonly writes: number | null
  readonly digest: string | null
  readonly confLoadedMs: number | null
  readonly startedMs: number | null
  readonly inRecovery: boolean | null
  /** Last slow sample, and last one of everything. */
  readonly slowMs: number | null
  readonly wholeMs: number | null
  /** How long the last one of everything took. */
  readonly wholeTookMs: number
  /** Something has moved that has not been looked at since. */
  readonly pending: 'surely' | 'perhaps' | null
  /** Slow samples in a row that a moved counter had asked for and that found nothing. */
  readonly fruitless: number
}

export const nothingDue: Due = {
  samples: 0,
  writes: null,
  digest: null,
  confLoadedMs: null,
  startedMs: null,
  inRecovery: null,
  slowMs: null,
  wholeMs: null,
  wholeTookMs: 0,
  pending: null,
  fruitless: 0,
}

const everyMs = 60_000
/** Nodes that were first described together, at the start of the watch, are soon described at times of their own: 300 at once would hold up every tick. */
const turnsMs = 15_000
/** Three tables are 5 ms of the server's time, a thousand are 70. While nothing moves they are as they were; this is for what nobody thought of. */
const wholeEveryMs = (tables: number): number => (tables <= 200 ? 300_000 : 600_000)
/** While much is changed, describing it takes no more than a twentieth of the server's time. */
const share = 20
/** But no longer: on a busy machine a description takes a second of waiting and little work, and the change is what matters. */
const mostPauseMs = 3000
/** An application that makes temporary tables moves the counters all day: each look that finds nothing doubles the pause. */
const pausesMs = [0, 1000, 2000, 4000, 8000, 16_000, 30_000] as const

/** A digest reads pg_class: 0.6 ms, and 1.4 ms more for 3500 relations. */
const digestEvery = (tables: number): number => (tables <= 2000 ? 10 : 30)

/** Is the digest part of the next fast sample? */
export const digestDue = (due: Due, tables: number): boolean => due.samples % digestEvery(tables) === 0

/**
 * Are the sessions part of the next fast sample? Each of them costs the server 0.01 ms a walk, so the more there are, the
 * less often we look.
 */
export const sessionsDue = (due: Due, sessions: number): boolean => due.samples % (sessions <= 25 ? 2 : 5) === 0

/**
 * What sessions do is another walk over them: at every fifteenth sample, and not at one that takes the digest. Where more than
 * half of the sessions are taken it tells who takes them, and is asked at every fifth.
 */
export const activityDue = (due: Due, isCrowded: boolean): boolean =>
  due.samples === 0 || due.samples % (isCrowded ? 5 : 15) === 2

/** Who uses them shows in the walsenders, which come with every sample: one that comes or goes asks for the slots at once. */
export const slotsDue = (due: Due): boolean => due.samples % 5 === 0

/** Where nobody streams, a walsender that comes is seen some seconds later. */
export const sendersDue = (due: Due, senders: number): boolean => senders > 0 || due.samples % 5 === 0

/** Counters and ages are judged by their growth over minutes; a changed limit moves the tick. */
export const databasesDue = (due: Due): boolean => due.samples === 0 || due.samples % 15 === 4

/** After a fast sample: notes what moved. */
export function afterFast(due: Due, { facts }: Sample): Due {
  const tick = facts.tick?.seen ? facts.tick.value : null
  const server = facts.server?.seen ? facts.server.value : null
  const moved = <T>(before: T | null, now: T | null | undefined): boolean =>
    before !== null && now != null && before !== now
  const surely =
    moved(due.digest, tick?.catalogDigest) ||
    moved(due.confLoadedMs, server?.confLoadedMs) ||
    moved(due.startedMs, server?.startedMs) ||
    moved(due.inRecovery, server?.inRecovery)
  const perhaps = moved(due.writes, tick?.catalogWrites)
  return {
    ...due,
    samples: due.samples + 1,
    writes: tick?.catalogWrites ?? due.writes,
    digest: tick?.catalogDigest ?? due.digest,
    confLoadedMs: server?.confLoadedMs ?? due.confLoadedMs,
    startedMs: server?.startedMs ?? due.startedMs,
    inRecovery: server?.inRecovery ?? due.inRecovery,
    pending: surely ? 'surely' : perhaps ? (due.pending ?? 'perhaps') : due.pending,
  }
}

/** What a slow sample reads: everything, or only what no tick speaks of, because nothing else can have moved. */
export type Slow = 'everything' | 'unticked'

/** So much earlier than every minute a node is described: by its name (FNV-1a), and so always the same. */
export function turnOf(node: string): number {
  let hash = 2_166_136_261
  for (const letter of node) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619)
  return (hash >>> 0) % turnsMs
}

/** Is a slow sample due now, and of what? */
export function slowDue(due: Due, atMs: number, tables: number, turnMs = 0): Slow | null {
  if (due.slowMs === null || due.wholeMs === null) return 'everything'
  const since = atMs - due.slowMs
  const paused = atMs - due.wholeMs < Math.min(due.wholeTookMs * share, mostPauseMs)
  if (due.pending === 'surely' && !paused) return 'everything'
  const pauseMs = pausesMs[Math.min(due.fruitless, pausesMs.length - 1)] ?? 0
  if (due.pending === 'perhaps' && !paused && since >= pauseMs) return 'everything'
  if (since < everyMs - turnMs) return null
  const isStill = due.pending === null && (due.writes !== null || due.digest !== null)
  return isStill && atMs - due.wholeMs < wholeEveryMs(tables) ? 'unticked' : 'everything'
}

const marks = ['writes', 'digest', 'confLoadedMs', 'startedMs', 'inRecovery'] as const

/**
 * After a slow sample that was answered; `changed`: it found something. `since`: as it was when the sample began; what has moved
 * while it was taken still has to be looked at.
 */
export function afterSlow(
  due: Due,
  { atMs, tookMs }: Sample,
  { what, changed, since = due }: { readonly what: Slow; readonly changed: boolean; readonly since?: Due },
): Due {
  if (what === 'unticked') return { ...due, slowMs: atMs }
  const pending = marks.some((mark) => since[mark] !== due[mark]) ? due.pending : null
  const inVain = due.pending === 'perhaps' && !changed
  const fruitless = inVain ? due.fruitless + 1 : changed || due.pending === 'surely' ? 0 : due.fruitless
  return { ...due, slowMs: atMs, wholeMs: atMs, wholeTookMs: tookMs, fruitless, pending }
}

/** After one that failed: what had moved still has to be looked at, but not at every tick. */
export const afterSlowFailed = (due: Due, { atMs }: Sample): Due => ({
  ...due,
  slowMs: atMs,
  wholeMs: due.wholeMs ?? atMs,
  pending: 'perhaps',
  fruitless: Math.min(due.fruitless + 1, 3),
})
