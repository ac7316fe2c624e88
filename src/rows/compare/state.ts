import type { ColumnHashes, Digest, Key, Range, RowDigest } from '../../engines/postgres/rows/comparable.ts'
import type { Wait } from '../fence.ts'
import type { Round } from '../judge.ts'
import type { Refusal } from '../refusal.ts'

/** A row that differs for certain. */
export interface DifferingRow {
  readonly key: Key
  /** Seen from the target: it lacks the row, has one too many, or has another. */
  readonly kind: 'missing' | 'extra' | 'changed'
  /** Which columns, of a changed one; empty where that was not asked any more. */
  readonly columns: readonly string[]
}

/** What is known of a range of keys. Only `consistent` is green. */
export interface ChunkVerdict {
  readonly verdict: 'consistent' | 'divergent' | 'lagging' | 'unsettled' | 'unverifiable' | 'corrupt'
  readonly range: Range
  /** On the source. */
  readonly rows: number
  readonly differing: readonly DifferingRow[]
  /** There are more that differ than are listed. */
  readonly more: boolean
  /** Rows that changed faster than they could be compared. */
  readonly unsettled: number
  readonly detail: string | null
  readonly remedy: string | null
}

export interface CompareLimits {
  /** Rows of the first chunk; later ones are made to take `chunkMs`. */
  readonly firstRows: number
  readonly chunkMs: number
  readonly fenceMs: number
  /** Of a whole table: what differs beyond is counted by ranges, not located. */
  readonly mostDiffering: number
}

export const defaults = {
  firstRows: { default: 20_000, unit: 'rows', why: 'about 0.1 s; too short to be cancelled by a recovery conflict' },
  chunkMs: { default: 300, unit: 'ms', why: 'a standby cancels what runs while rows are cleaned away' },
  fenceMs: { default: 60_000, unit: 'ms', why: 'a target that is further behind is lagging' },
  mostDiffering: { default: 1000, unit: 'rows', why: 'a table that differs everywhere is not repaired row by row' },
} as const

/** What is to be asked of the two nodes next; `afterMs` first lets a hindrance pass. */
export type Ask = { readonly afterMs: number } & (
  | { readonly do: 'boundary'; readonly after: Key | null; readonly limit: number }
  | { readonly do: 'hash'; readonly range: Range }
  | { readonly do: 'fence'; readonly deadlineMs: number }
  | { readonly do: 'cut'; readonly side: 'source' | 'target'; readonly range: Range; readonly rows: number }
  | { readonly do: 'parts'; readonly range: Range; readonly cuts: readonly Key[] }
  | { readonly do: 'rows'; readonly range: Range }
  /** Source, fence, target, source. */
  | { readonly do: 'settle'; readonly keys: readonly Key[]; readonly deadlineMs: number }
  | { readonly do: 'settle-range'; readonly range: Range; readonly deadlineMs: number }
  | { readonly do: 'columns'; readonly keys: readonly Key[] }
)

export type CompareEvent =
  | { readonly type: 'boundary'; readonly upTo: Key | null }
  | { readonly type: 'hash'; readonly source: Digest; readonly target: Digest; readonly ms: number }
  | { readonly type: 'fence'; readonly wait: Wait }
  | { readonly type: 'cut'; readonly cuts: readonly Key[] }
  | { readonly type: 'parts'; readonly source: readonly Digest[]; readonly target: readonly Digest[] }
  | { readonly type: 'rows'; readonly source: readonly RowDigest[]; readonly target: readonly RowDigest[] }
  | { readonly type: 'settle'; readonly wait: Wait; readonly reads: Reads | null }
  | { readonly type: 'settle-range'; readonly wait: Wait; readonly round: Round | null }
  | { readonly type: 'columns'; readonly source: readonly ColumnHashes[]; readonly target: readonly ColumnHashes[] }
  | { readonly type: 'failed'; readonly refusal: Refusal; readonly detail: string; readonly remedy: string }

/** The same rows on the source, behind a fence on the target, and on the source again. */
export interface Reads {
  readonly before: readonly RowDigest[]
  readonly target: readonly RowDigest[]
  readonly after: readonly RowDigest[]
}

/** A row that was seen unequal, and what its last settling on the target showed. */
export interface Suspect {
  readonly key: Key
  readonly rounds: number
  /** An extra row's version on the target: one more look at the same version proves it. */
  readonly extraVersion: string | null
}

/** A range that is being compared, and what was found in it. */
export interface Chunk {
  readonly range: Range
  readonly rows: number
  readonly differing: readonly DifferingRow[]
  readonly unsettled: number
  readonly more: boolean
}

/** A part that is unequal and still too large to be read row by row. */
export interface Part {
  readonly range: Range
  readonly sourceRows: number
  readonly targetRows: number
}

/** Where a comparison is, and all that it needs to know there. */
export type Phase =
  | { readonly at: 'boundary'; readonly after: Key | null }
  | { readonly at: 'hash' | 'fence'; readonly chunk: Chunk; readonly fences: number }
  | (Locating & { readonly at: 'cut' | 'rows' })
  | (Locating & { readonly at: 'parts'; readonly cuts: readonly Key[] })
  | {
      readonly at: 'settle'
      readonly chunk: Chunk
      readonly todo: readonly Part[]
      readonly suspects: readonly Suspect[]
    }
  /** `cleared`: no row was found to differ; the range is asked once more, because its hash was not equal. */
  | { readonly at: 'settle-range'; readonly chunk: Chunk; readonly rounds: readonly Round[]; readonly cleared: boolean }
  | { readonly at: 'columns'; readonly chunk: Chunk }

interface Locating {
  readonly chunk: Chunk
  readonly part: Part
  readonly todo: readonly Part[]
  readonly suspects: readonly Suspect[]
}

export interface CompareState {
  readonly limits: CompareLimits
  /** false: no key, the table is one range. */
  readonly hasKey: boolean
  /** false: the nodes sort the key differently, and a range that differs as a whole proves nothing. */
  readonly sameOrder: boolean
  /** Rows of the next chunk. */
  readonly chunkRows: number
  /** Failures of this ask in a row. */
  readonly failures: number
  /** A fence was not reached: the next ones are not waited for as long. */
  readonly lags: boolean
  readonly differing: number
  readonly phase: Phase
}

export interface Step {
  readonly state: CompareState
  /** null: the table is done. */
  readonly ask: Ask | null
  /** What has just become known. */
  readonly verdict: ChunkVerdict | null
}
