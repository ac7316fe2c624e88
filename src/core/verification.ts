/** What is known of rows on two nodes. Only `consistent` over all rows is green. */
export const verdicts = ['consistent', 'divergent', 'lagging', 'unsettled', 'unverifiable', 'corrupt'] as const
export type RowVerdict = (typeof verdicts)[number]

/** A row's columns as the server prints them in a session of ours (`extra_float_digits` 1, UTC, ISO); null is NULL. */
export type RowImage = Readonly<Record<string, string | null>>

/** A row that differs for certain. */
export interface DifferingRow {
  /** Values of the key's columns, in its order; of a table without a key, none. */
  readonly key: readonly string[]
  /** Seen from the right node: it lacks the row, has one too many, or has another. */
  readonly kind: 'missing' | 'extra' | 'changed'
  /** Which columns, of a changed one; empty where that was not asked any more. */
  readonly columns: readonly string[]
  /** The whole row as it was when it was found to differ; null on the side that has none, absent where it was not kept. */
  readonly left?: RowImage | null
  readonly right?: RowImage | null
}

/** One table of a pair. */
export interface TableReport {
  /** `schema.table`, quoted where it must be. */
  readonly table: string
  readonly verdict: RowVerdict
  /** On the left node, as counted. */
  readonly rows: number
  readonly chunks: number
  /** Share of its rows of which something is known, 0 to 1; 1 is all of them. */
  readonly coverage: number
  /** When the chunk that was looked at longest ago was verified; null where none was. */
  readonly oldestVerifiedMs: number | null
  readonly differing: readonly DifferingRow[]
  /** More differ than are listed. */
  readonly more: boolean
  /** Rows that changed faster than they could be compared. */
  readonly unsettled: number
  /** Rows that differed on a physical standby and came right while they were looked at. */
  readonly healed: number
  readonly ms: number
  readonly detail: string | null
  readonly remedy: string | null
}

/** Two nodes of which the right one should hold what the left one holds. */
export interface PairReport {
  readonly left: string
  readonly right: string
  readonly follows: 'physical' | 'logical' | 'declared'
  readonly tables: readonly TableReport[]
}

export interface VerifyReport {
  readonly cluster: string
  readonly atMs: number
  /** The gravest of its tables. */
  readonly verdict: RowVerdict
  /** Of all rows of all pairs, 0 to 1. */
  readonly coverage: number
  readonly oldestVerifiedMs: number | null
  readonly pairs: readonly PairReport[]
  /** What no comparison of ours looks at, and why: large objects, unlogged tables. */
  readonly notCovered: readonly { readonly what: string; readonly why: string }[]
}
