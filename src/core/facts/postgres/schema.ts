/** An ordinary or partitioned table outside the system schemas: `pg_class`, `pg_attribute`, `pg_constraint`, `pg_index`. */
export interface TableFact {
  /** `pg_class.oid`: another oid under the same name is another table. */
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'table' | 'partitioned'
  /** A partition of another table. */
  readonly isPartition: boolean
  /** `unlogged` tables are not replicated by any means. */
  readonly unlogged: boolean
  readonly owner: string
  readonly columns: readonly ColumnFact[]
  /** Definitions as `pg_get_constraintdef` prints them, sorted. */
  readonly constraints: readonly string[]
  /** Definitions as `pg_get_indexdef` prints them, sorted. */
  readonly indexes: readonly string[]
  readonly primaryKey: readonly string[]
  /** `pg_class.relreplident`: d default, n nothing, f full, i index. */
  readonly replicaIdentity: 'd' | 'n' | 'f' | 'i'
  /** `pg_class.reltuples`, -1 when never analysed. */
  readonly rowsEstimated: number
  /** Numbers of its files (`pg_class.relfilenode`): errors name a relation by these. Absent in bundles of older programs. */
  readonly files?: {
    /** 0 for a partitioned table, which has none. */
    readonly table: number
    readonly toast: number | null
    /** By the index's name. */
    readonly indexes: Readonly<Record<string, number>>
  }
}

export interface ColumnFact {
  readonly name: string
  /** `format_type(atttypid, atttypmod)`. */
  readonly type: string
  readonly notNull: boolean
  /** `pg_get_expr`, null without one. */
  readonly default: string | null
  readonly generated: boolean
  readonly identity: boolean
}
