/** Who answers: `pg_control_system()`, `pg_postmaster_start_time()`, `pg_conf_load_time()`, `pg_is_in_recovery()`. */
export interface ServerFact {
  /** `server_version_num`, e.g. 180004. */
  readonly versionNum: number
  readonly database: string
  /** Same on every physical copy of one cluster; text, because it is a 64-bit number. */
  readonly systemId: string
  readonly startedMs: number
  readonly confLoadedMs: number
  readonly inRecovery: boolean
  /** The server's clock when it answered. */
  readonly nowMs: number
}
