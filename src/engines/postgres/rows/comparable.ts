import type { RowImage } from '../../../core/verification.ts'

/** A key's columns as the server prints them. */
export type Key = readonly string[]

/** Of rows whose order proves nothing: those whose hash, of the key or else of the row, leaves `n` when divided by `of`. */
export interface Bucket {
  readonly n: number
  /** A power of two. */
  readonly of: number
}

/** Rows with `after < key <= upTo`; null is open. */
export interface Range {
  readonly after: Key | null
  readonly upTo: Key | null
  /** Only these of them. */
  readonly bucket?: Bucket
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

/** One row as evidence. */
export interface RowRead extends RowDigest {
  /** A hash of each compared column, by name. */
  readonly columns: Readonly<Record<string, string>>
  /** null where it was not asked for. */
  readonly image: RowImage | null
}

/** Rows that are the same in all that is compared. */
export interface Copies {
  readonly hash: string
  /** Of each copy, its place and its `xmin`: as long as both stay, it is the same copy. */
  readonly versions: readonly string[]
  /** null where it was not asked for. */
  readonly image: RowImage | null
}

/** One table on one node, ready to be compared: what an engine has to be able to do. Each is one statement. */
export interface ComparableTable {
  readonly node: string
  /** Empty: rows can only be told apart by what is in them. */
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
  /** Digests of the `of` buckets of all rows; of those that lie in the range's own bucket, in the order of `bucketsIn`. */
  buckets(range: Range, of: number, signal: AbortSignal): Promise<readonly Digest[]>
  rows(range: Range, signal: AbortSignal): Promise<readonly RowDigest[]>
  rowsByKey(keys: readonly Key[], images: boolean, signal: AbortSignal): Promise<readonly RowRead[]>
  /** All rows of a range, copies together; `imagesOf`: those that are wanted as evidence, by their hashes. */
  copies(range: Range, imagesOf: readonly string[], signal: AbortSignal): Promise<readonly Copies[]>
}

export const everything: Range = { after: null, upTo: null }

/** The buckets of a finer division that lie in a range's own. */
export function bucketsIn({ bucket }: Range, of: number): readonly Bucket[] {
  const { n, of: coarse } = bucket ?? { n: 0, of: 1 }
  return Array.from({ length: of / coarse }, (_, k) => ({ n: n + k * coarse, of }))
}
