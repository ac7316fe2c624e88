import type { DifferingRow, RowVerdict } from '../../core/verification.ts'
import type { Copies, Digest, Key, Range, RowDigest, RowRead } from '../../engines/postgres/rows/comparable.ts'
import type { Wait } from '../fence.ts'
import type { Round } from '../judge.ts'
import type { Refusal } from '../refusal.ts'

export type { DifferingRow } from '../../core/verification.ts'

/** What is known of a range of keys, or of a bucket of rows. Only `consistent` is green. */
export interface ChunkVerdict {
  readonly verdict: RowVerdict
  readonly range: Range
  /** On the source. */
  readonly rows: number
  /** A row without a key stands here once for each copy that is missing or too many. */
  readonly differing: readonly DifferingRow[]
  /** There are more that differ than are listed. */
  readonly more: boolean
  /** Rows that changed faster than they could be compared. */
  readonly unsettled: number
  /**
   * Rows that differed for certain on a physical standby and came right while they were looked at: a full image of their page
   * came with the WAL, as by the first hint bit behind a checkpoint. As they were found.
   */
  readonly healed: readonly DifferingRow[]
  /** Statements that a server cancelled, and that were asked again. */
  readonly conflicts: number
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
  | { readonly do: 'buckets'; readonly range: Range; readonly of: number }
  | { readonly do: 'fence'; readonly deadlineMs: number }
  | { readonly do: 'cut'; readonly side: 'source' | 'target'; readonly range: Range; readonly rows: number }
  | { readonly do: 'parts'; readonly range: Range; readonly cuts: readonly Key[] }
  | { readonly do: 'rows'; readonly range: Range }
  /** Source, fence, target, source. */
  | { readonly do: 'settle'; readonly keys: readonly Key[]; readonly images: boolean; readonly deadlineMs: number }
  | { readonly do: 'settle-range'; readonly range: Range; readonly deadlineMs: number }
  | {
      readonly do: 'settle-copies'
      readonly range: Range
      readonly imagesOf: readonly string[]
      readonly deadlineMs: number
    }
)

export type CompareEvent =
  | { readonly type: 'boundary'; readonly upTo: Key | null }
  | { readonly type: 'hash'; readonly source: Digest; readonly target: Digest; readonly ms: number }
  | { readonly type: 'buckets'; readonly source: readonly Digest[]; readonly target: readonly Digest[] }
  | { readonly type: 'fence'; readonly wait: Wait }
  | { readonly type: 'cut'; readonly cuts: readonly Key[] }
  | { readonly type: 'parts'; readonly source: readonly Digest[]; readonly target: readonly Digest[] }
  | { readonly type: 'rows'; readonly source: readonly RowDigest[]; readonly target: readonly RowDigest[] }
  | { readonly type: 'settle'; readonly wait: Wait; readonly reads: Reads<RowRead> | null }
  | { readonly type: 'settle-range'; readonly wait: Wait; readonly round: Round | null }
  | { readonly type: 'settle-copies'; readonly wait: Wait; readonly reads: Reads<Copies> | null }
  | {
      readonly type: 'failed'
      readonly refusal: Refusal
      /** It had its time: asked again as it is, it would only burn the same CPU once more. */
      readonly isTimeout?: boolean
      readonly detail: string
      readonly remedy: string
    }

/** The same rows on the source, behind a fence on the target, and on the source again. */
export interface Reads<T> {
  readonly before: readonly T[]
  readonly target: readonly T[]
  readonly after: readonly T[]
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
  readonly healed: readonly DifferingRow[]
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
  /** All buckets at once; `open` were unequal at every look until now, null before the first. */
  | {
      readonly at: 'buckets' | 'fence-buckets'
      readonly range: Range
      readonly of: number
      readonly open: readonly Part[] | null
      readonly fences: number
    }
  | (Locating & { readonly at: 'cut' | 'split' | 'rows' })
  | (Locating & { readonly at: 'parts'; readonly cuts: readonly Key[] })
  /** `open`: hashes of copies that were unequal at every look until now, null before the first. */
  | (Locating & {
      readonly at: 'copies'
      readonly open: readonly string[] | null
      /** The last two. */
      readonly rounds: readonly Reads<Copies>[]
      readonly looks: number
    })
  | {
      readonly at: 'settle'
      readonly chunk: Chunk
      readonly todo: readonly Part[]
      readonly suspects: readonly Suspect[]
    }
  /** `cleared`: no row was found to differ; the range is asked once more, because its hash was not equal. */
  | { readonly at: 'settle-range'; readonly chunk: Chunk; readonly rounds: readonly Round[]; readonly cleared: boolean }
  /** Rows that differ on a physical standby are looked at again: a page that comes with the WAL may mend them. */
  | { readonly at: 'recheck'; readonly chunk: Chunk; readonly left: readonly DifferingRow[] }
  | { readonly at: 'settle-held' }
  | { readonly at: 'recheck-held'; readonly left: readonly DifferingRow[] }

export interface Locating {
  readonly chunk: Chunk
  readonly part: Part
  readonly todo: readonly Part[]
  readonly suspects: readonly Suspect[]
}

/** A chunk whose verdict waits for a fence, or for that of the chunk before it: verdicts come in the order of the keys. */
export interface Held {
  readonly chunk: Chunk
  readonly suspects: readonly Suspect[]
  /** null: what it is, its suspects decide. */
  readonly verdict: ChunkVerdict | null
}

/** What a table can be compared by. */
export interface Comparability {
  /** false: rows can only be told apart by what is in them. */
  readonly hasKey: boolean
  /** false: the nodes sort the key differently, and the same range holds other rows. */
  readonly sameOrder: boolean
  /** The target is a copy of the source's files: what differs may heal. */
  readonly isPhysical: boolean
  /** -1: not known. */
  readonly rowsEstimated: number
}

export interface CompareState extends Comparability {
  readonly limits: CompareLimits
  /** Rows of the next chunk. */
  readonly chunkRows: number
  /** Failures of this ask in a row. */
  readonly failures: number
  /** Statements that were cancelled since the last verdict. */
  readonly conflicts: number
  /** A fence was not reached: the next ones are not waited for as long. */
  readonly lags: boolean
  /** The last fence took long: one is taken for many chunks. */
  readonly isLate: boolean
  readonly held: readonly Held[]
  readonly differing: number
  /** Buckets that are unequal behind the last fence, and not yet looked into. */
  readonly queue: readonly Part[]
  readonly phase: Phase
}

export interface Step {
  readonly state: CompareState
  /** null: the table is done. */
  readonly ask: Ask | null
  /** What has just become known. */
  readonly verdicts: readonly ChunkVerdict[]
}
