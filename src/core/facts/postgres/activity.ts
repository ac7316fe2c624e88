/** What sessions are doing, by `pg_stat_activity`, without our own. */
export interface ActivityFact {
  /** Sessions in a transaction for longer than ten seconds, oldest first; fifty at most. */
  readonly long: readonly LongTransactionFact[]
  /** Client sessions by who they are. */
  readonly use: readonly SessionUseFact[]
}

export interface LongTransactionFact {
  readonly pid: number
  readonly role: string | null
  readonly database: string | null
  readonly application: string
  /** `client backend`, `walsender`, `autovacuum worker`, … */
  readonly backendType: string
  /** `active`, `idle in transaction`, … */
  readonly state: string | null
  readonly xactMs: number
  /** Since the state last changed. */
  readonly stateMs: number
  readonly waitEventType: string | null
  readonly waitEvent: string | null
  /** `age(backend_xmin)`: how many transactions vacuum may not clean for its sake. */
  readonly xminAge: number | null
}

export interface SessionUseFact {
  readonly role: string | null
  readonly database: string | null
  readonly application: string
  readonly total: number
  readonly active: number
  readonly idle: number
  readonly idleInTransaction: number
}

/** A database of the server, its counters since the last reset, and its ages: `pg_database`, `pg_stat_database(_conflicts)`. */
export interface DatabaseFact {
  readonly name: string
  /** `datallowconn`. */
  readonly allowsConnections: boolean
  /** `datconnlimit`, -1 for none. */
  readonly connectionLimit: number
  readonly backends: number
  readonly commits: number
  readonly rollbacks: number
  readonly deadlocks: number
  /** null where checksums are off. */
  readonly checksumFailures: number | null
  readonly checksumLastFailureMs: number | null
  /** Queries that replay cancelled, by why; all 0 on a primary. */
  readonly conflicts: {
    readonly tablespace: number
    readonly lock: number
    readonly snapshot: number
    readonly bufferPin: number
    readonly deadlock: number
    /** 16 and later; 0 before. */
    readonly logicalSlot: number
  }
  /** `age(datfrozenxid)`, `mxid_age(datminmxid)`. */
  readonly xidAge: number
  readonly mxidAge: number
}
