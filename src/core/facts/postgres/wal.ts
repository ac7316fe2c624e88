import type { Lsn } from '../../lsn.ts'

/** Where this node's WAL stands: `pg_current_wal_lsn()` on a primary, `pg_last_wal_*_lsn()` in recovery. */
export interface WalFact {
  /** null in recovery. */
  readonly writeLsn: Lsn | null
  /** null outside recovery, and until the first segment was received. */
  readonly receiveLsn: Lsn | null
  readonly replayLsn: Lsn | null
  readonly replayPaused: boolean
  /** Of the WAL that it writes or last received; null where it cannot be told. */
  readonly timeline: number | null
}
