/** A key's columns as the server prints them. */
export type Key = readonly string[]

/** Rows with `after < key <= upTo`; null is open. */
export interface Range {
  readonly after: Key | null
  readonly upTo: Key | null
}

/** What a set of rows comes to. Equal rows give equal digests; others, for all that chance can do, do not. */
export interface Digest {
  readonly rows: number
  /** `count/xor/sum` of the row hashes: count and sum close what xor leaves open. */
  readonly hash: string
  /**
   * The same with the version of each row (`xmin`): equal twice on one node, and nothing was written meanwhile, not even
   * there and back. Null when it was not asked for; means nothing between nodes.
   */
  readonly versions: string | null
}

/** One row. */
export interface RowDigest {
  readonly key: Key
  readonly hash: string
  /** `xmin`: another one, another row version. */
  readonly version: string
}

/** One table on one node, ready to be compared: what an engine has to be able to do. Each is one statement. */
export interface ComparableTable {
  readonly node: string
  /** Empty: no key, only `digest` of everything can be asked. */
  readonly key: readonly string[]
  digest(range: Range, versions: boolean, signal: AbortSignal): Promise<Digest>
  /** Key of the `limit`th row after `after`, in key order; null where there are fewer. */
  boundary(after: Key | null, limit: number, signal: AbortSignal): Promise<Key | null>
  /** Key after which the last `limit` rows come; null where there are no others. */
  boundaryFromEnd(limit: number, signal: AbortSignal): Promise<Key | null>
  /** Keys that cut a range of about `rows` rows into `parts`. */
  cuts(
    range: Range,
    parts: { readonly rows: number; readonly parts: number },
    signal: AbortSignal,
  ): Promise<readonly Key[]>
  /** Digests of the ranges between the cuts, in their order. */
  parts(range: Range, cuts: readonly Key[], signal: AbortSignal): Promise<readonly Digest[]>
  rows(range: Range, signal: AbortSignal): Promise<readonly RowDigest[]>
  rowsByKey(keys: readonly Key[], signal: AbortSignal): Promise<readonly RowDigest[]>
  /** For each row that is there: a hash of each compared column, by name. */
  columnHashes(keys: readonly Key[], signal: AbortSignal): Promise<readonly ColumnHashes[]>
}

export interface ColumnHashes {
  readonly key: Key
  readonly columns: Readonly<Record<string, string>>
}

export const everything: Range = { after: null, upTo: null }
