import type { Lsn } from '../../lsn.ts'

/** A row of `pg_stat_replication`: a walsender and how far its consumer is. */
export interface SenderFact {
  readonly pid: number
  readonly applicationName: string
  readonly state: string
  readonly sentLsn: Lsn | null
  readonly writeLsn: Lsn | null
  readonly flushLsn: Lsn | null
  readonly replayLsn: Lsn | null
  /** The slot that it uses (`pg_replication_slots.active_pid`), null without one. */
  readonly slot: string | null
  /** `async`, `potential`, `sync`, `quorum`. */
  readonly syncState: string
  readonly clientAddress: string | null
}

/** The row of `pg_stat_wal_receiver`; no row on a node that does not stream. */
export interface ReceiverFact {
  readonly status: string
  readonly slot: string | null
  readonly senderHost: string | null
  readonly senderPort: number | null
  /** `received_tli`. */
  readonly timeline: number | null
  /** `last_msg_receipt_time` minus `last_msg_send_time`: this node's clock against its sender's, and the way; null before a message. */
  readonly clockAheadMs: number | null
}

/** A row of `pg_replication_slots`. */
export interface SlotFact {
  readonly name: string
  readonly type: 'physical' | 'logical'
  readonly active: boolean
  readonly activePid: number | null
  readonly walStatus: string | null
  readonly restartLsn: Lsn | null
  readonly confirmedFlushLsn: Lsn | null
  /** 17 and later; false before. */
  readonly failover: boolean
  readonly synced: boolean
  readonly temporary: boolean
  /** `safe_wal_size`: WAL that may still be written before the slot is lost; null without a limit. */
  readonly safeWalBytes: number | null
  /** 17 and later; null while active and before. */
  readonly inactiveSinceMs: number | null
  /** `invalidation_reason` (17), `conflicting` (16). */
  readonly invalidation: string | null
}

/** A subscription's state and counters: `pg_subscription`, `pg_stat_subscription`, `pg_stat_subscription_stats` (15 and later). */
export interface SubscriptionStateFact {
  readonly name: string
  readonly enabled: boolean
  readonly slot: string | null
  /** The apply worker's pid; null while there is none. */
  readonly workerPid: number | null
  readonly receivedLsn: Lsn | null
  /** Since the last reset; null before 15. A single planned restart of the publisher counts one. */
  readonly applyErrors: number | null
  readonly syncErrors: number | null
}
