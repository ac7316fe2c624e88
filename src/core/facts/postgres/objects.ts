/** An index that `pg_index` says is not valid or not ready. */
export interface BadIndexFact {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly isUnique: boolean
  /** `pg_stat_progress_create_index` shows it being built. */
  readonly isBuilding: boolean
}

/** `pg_sequences` with the column that it feeds. */
export interface SequenceFact {
  readonly schema: string
  readonly name: string
  /** As text, because it is a 64-bit number; null before its first use, and on a standby where it is unlogged. */
  readonly lastValue: string | null
  readonly increment: number
  readonly maxValue: string
  /** The column that it feeds (owned by, identity, or else by its default); null where none is known. */
  readonly column: { readonly schema: string; readonly table: string; readonly name: string } | null
}

export interface ExtensionFact {
  readonly name: string
  readonly version: string
}

/** A function or procedure outside the system schemas and extensions. */
export interface FunctionFact {
  readonly schema: string
  readonly name: string
  /** `pg_get_function_identity_arguments`. */
  readonly arguments: string
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  /** md5 of its source and options. Of a body in standard SQL (14 and later) it says something on one server only. */
  readonly digest: string
  /** `schema.index` of indexes whose expression or predicate calls it: their entries are what it said when they were made. */
  readonly indexes: readonly string[]
}

/** A trigger that somebody made (`pg_trigger`, not internal). */
export interface TriggerFact {
  readonly schema: string
  readonly table: string
  readonly name: string
  /** `tgenabled`: O origin and local, D disabled, R replica, A always. */
  readonly enabled: 'O' | 'D' | 'R' | 'A'
  /** md5 of its definition. */
  readonly digest: string
}

/** A line of `pg_file_settings`: what the files say now, whether or not it is live. */
export interface FileSettingFact {
  readonly file: string
  readonly line: number
  readonly name: string | null
  readonly value: string | null
  readonly applied: boolean
  readonly error: string | null
}
