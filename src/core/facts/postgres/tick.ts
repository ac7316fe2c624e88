/** Moves when something that the slow sample describes has changed; never compared for more or less, only for equality. */
export interface TickFact {
  /** Sum of tuple counters over the catalogs: cheap, moves within ms of a commit, up to 10 s late for a session that goes on. Null on a standby. */
  readonly catalogWrites: number | null
  /** Digest of (oid, xmin) of the small catalogs and of `pg_class`; taken less often, null when not taken this time. */
  readonly catalogDigest: string | null
}
