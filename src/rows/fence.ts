import { setTimeout as sleep } from 'node:timers/promises'
import type { Lsn } from '../core/lsn.ts'
import { lsnReached } from '../core/lsn.ts'
import type { NodeReader } from '../engines/postgres/rows/node-reader.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import type { Follows } from '../engines/postgres/rows/wal-position.ts'
import { isUnwritten, pushWal, readPosition, readProgress } from '../engines/postgres/rows/wal-position.ts'

/** Two nodes of which one should hold what the other holds. */
export interface Pair {
  readonly source: NodeReader
  readonly target: NodeReader
  readonly follows: Follows
}

/** All that was committed on the source when it was taken. */
export interface Fence {
  readonly source: string
  readonly lsn: Lsn | null
}

export interface FenceOptions {
  readonly deadlineMs: number
  /**
   * Never write into the source's WAL, and wait until somebody else does: after the last records of a transaction that stays
   * open, on a cluster where nobody else commits, up to 15 s (`LOG_SNAPSHOT_INTERVAL_MS` of the background writer).
   */
  readonly passive: boolean
  readonly signal: AbortSignal
}

export type Wait =
  | { readonly reached: true; readonly ms: number }
  /** `lagging`, never `different`: nothing may be said about rows. */
  | { readonly reached: false; readonly ms: number; readonly why: string }

const limits = {
  everyMs: { default: 5, unit: 'ms', why: 'a healthy pair is through in two or three of these' },
  slowestMs: { default: 100, unit: 'ms', why: 'a target that lags for long is not to be asked 200 times a second' },
  pushMs: { default: 100, unit: 'ms', why: 'twice the usual way; only then is WAL written, if at all' },
} as const

export const takeFence = async (source: NodeReader, signal: AbortSignal): Promise<Fence> => ({
  source: source.name,
  lsn: await readPosition(source, signal),
})

/**
 * Waits until the target shows all that lies before the fence. Short statements, not one that waits on the server: a
 * statement holds a snapshot, and on a standby that snapshot can hold up the very replay that it waits for.
 */
export async function waitFence(pair: Pair, fence: Fence, options: FenceOptions): Promise<Wait> {
  const { signal } = options
  const startedAt = performance.now()
  const passed = (): number => performance.now() - startedAt
  const missed = (why: string): Wait => ({ reached: false, ms: passed(), why })
  if (fence.lsn === null) return missed(`${fence.source} has no position in the WAL yet`)
  let pauseMs: number = limits.everyMs.default
  let pushed = options.passive
  for (;;) {
    const { lsn, stuck } = await readProgress(pair.target, pair.follows, signal)
    if (lsn !== null && lsnReached(lsn, fence.lsn)) return { reached: true, ms: passed() }
    if (stuck !== null) return missed(stuck)
    if (passed() >= options.deadlineMs) return missed(await whyNot(pair, fence.source, fence.lsn, lsn, signal))
    if (!pushed && passed() >= limits.pushMs.default) {
      pushed = true
      await push(pair.source, signal)
    }
    await sleep(Math.min(pauseMs, Math.max(1, options.deadlineMs - passed())), undefined, { signal })
    if (passed() > 20 * limits.everyMs.default) pauseMs = Math.min(pauseMs * 1.3, limits.slowestMs.default)
  }
}

async function whyNot(pair: Pair, source: string, fence: Lsn, at: Lsn | null, signal: AbortSignal): Promise<string> {
  const words = `${pair.target.name} has not reached ${fence} of ${source}; it is at ${at ?? 'unknown'}`
  try {
    return (await isUnwritten(pair.source, fence, signal))
      ? `${words}; ${source} has not written that far itself`
      : words
  } catch (error) {
    if (error instanceof ReadFailed) return words
    throw error
  }
}

/** A source that cannot be pushed (a standby, or gone) is waited for as it is. */
async function push(source: NodeReader, signal: AbortSignal): Promise<void> {
  try {
    await pushWal(source, signal)
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
  }
}
