import type { Lsn } from '../../lsn.ts'

/** A row of `pg_stat_replication`: a walsender and how far its consumer is. */
export interface SenderFact {
  readonly pid: number
  readonly applicationName: string
  readonly state: string
  readonly sentLsn: Lsn | null
  readonly replayLsn: Lsn | null
  /** The slot that it uses (`pg_replication_slots.active_pid`), null without one. */
  readonly slot: string | null
}

/** The row of `pg_stat_wal_receiver`; no row on a node that does not stream. */
export interface ReceiverFact {
  readonly status: string
  readonly slot: string | null
  readonly senderHost: string | null
  readonly senderPort: number | null
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
