/** What the rolling sample has found of a table on two nodes, so far. JSON: it outlives the watcher. */
export interface SampledTable {
  readonly left: string
  readonly right: string
  readonly schema: string
  readonly table: string
  /** `schema.table`, quoted where it must be. */
  readonly name: string
  /** What the table looked like in the round under way: with another look the round begins anew. */
  readonly stamp: string | null
  /** The round under way has come to this key; null: it is at its beginning. */
  readonly after: readonly string[] | null
  /** When the round under way began; null between two rounds. All times are milliseconds on the watcher's clock. */
  readonly begunMs: number | null
  /** Rows of the left node that this round has counted. */
  readonly rows: number
  /** Something of this round could not be compared to its end. */
  readonly hasHole: boolean
  /** Begin of the last round in which every row was compared: nothing that is known of the table is older. */
  readonly verifiedMs: number | null
  /** End of the last round, whole or not. */
  readonly endedMs: number | null
  /** Rounds in a row that were not whole. */
  readonly failures: number
  readonly difference: SampledDifference | null
  readonly refusal: SampledRefusal | null
}

/** Rows that differ for certain, each look at them behind a fence. */
export interface SampledDifference {
  /** Those that are listed; without a key they cannot be told apart. */
  readonly keys: readonly (readonly string[])[]
  /** There are more, or they have no key: then the range is looked at again, from behind `from`. */
  readonly more: boolean
  readonly from: readonly string[] | null
  /** Looks in a row that found it, the first of them, and the last. */
  readonly times: number
  readonly sinceMs: number
  readonly atMs: number
  /** When it is looked at again. */
  readonly againMs: number
  /** Seen from the right node: rows that it has too many, less those that it lacks; null where not all are listed. */
  readonly surplus: number | null
  /** Of the whole table on the left node; null until a round has counted them all. */
  readonly sourceRows: number | null
}

/** Why a table could not be compared. */
export interface SampledRefusal {
  readonly detail: string
  readonly remedy: string
  /** The reading role lacks a privilege. */
  readonly isForbidden: boolean
  /** Rounds in a row that were told so. */
  readonly times: number
  readonly sinceMs: number
  readonly atMs: number
}
