/** Client sessions by `pg_stat_activity`, without our own. */
export interface SessionsFact {
  readonly total: number
  /** Running a statement now. */
  readonly active: number
  /** Waiting for a heavyweight lock. */
  readonly waitingForLock: number
  readonly maxConnections: number
  readonly reserved: number
}

/** A session that waits for a lock longer than a second, and who holds it (`pg_blocking_pids`). */
export interface BlockedFact {
  readonly pid: number
  readonly role: string | null
  readonly waitMs: number
  readonly blockerPid: number
  readonly blockerRole: string | null
  readonly blockerState: string | null
  readonly blockerXactMs: number | null
  /** `schema.table` of the lock that is waited for, when it is a relation of this database. */
  readonly relation: string | null
}
