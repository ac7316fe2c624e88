import type { WalFact } from './facts/postgres/wal.ts'
import { lsnDistance, lsnToBigInt, type Lsn } from './lsn.ts'

/** A node that writes WAL, as it is now and was some samples earlier, oldest first. */
export interface Writer {
  readonly wal: WalFact
  readonly atMs: number
  readonly earlier: readonly { readonly wal: WalFact; readonly atMs: number }[]
}

const pageBytes = 8192n
/** Records are a few pages long at most, but for rare ones. */
const recordBytes = 65_536

/**
 * Is there a whole record beyond this position? Reads write, too (hints, pruning), and nobody flushes that: the WAL writer
 * backs off to the end of a page, in the middle of a record, and a standby has to wait for the rest of it for up to 15 s.
 */
export function isBehind(position: Lsn, written: Lsn): boolean {
  const distance = lsnDistance(position, written)
  const isMidRecord = lsnToBigInt(written) % pageBytes === 0n && distance <= recordBytes
  return distance > 0 && !isMidRecord
}

/**
 * For how long the writer has had WAL beyond this position, in ms on the watcher's clock; 0 where it has none. The usual
 * formulas (now() − last replayed commit, received − replayed) fail on an idle primary and on a standby that is cut off. It
 * reaches back no further than the samples that are kept.
 */
export function behindMs(position: Lsn, writer: Writer): number {
  const first = [...writer.earlier, writer].find(({ wal }) => wal.writeLsn !== null && isBehind(position, wal.writeLsn))
  return first ? writer.atMs - first.atMs : 0
}

/** `recovery_min_apply_delay` in ms, the unit that it has in pg_settings; 0 without one. */
export const applyDelayMs = (settings: Readonly<Record<string, string>> | undefined): number =>
  Number(settings?.['recovery_min_apply_delay'] ?? 0)

/** For people: `35 s`. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`
