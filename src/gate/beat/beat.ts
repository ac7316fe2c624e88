/** What became of one writing of a contract's own row. */
export type Written =
  /** `isConfirmed`: its commit was answered. Else it stands on this node, and a synchronous standby did not confirm it in time. */
  | { readonly state: 'written'; readonly isConfirmed: boolean }
  /** The server said no; nothing was written. */
  | { readonly state: 'refused'; readonly why: string; readonly code: string | null; readonly remedy: string }
  /** No connection of the contract came to stand: its own test says why. */
  | { readonly state: 'not-connected'; readonly why: string }
  /** Its commit was sent, and nobody can say what became of it. */
  | { readonly state: 'unknown'; readonly why: string }

/** The row on another node. */
export interface Arrival {
  readonly node: string
  /** Who looked: the application's own connection there, or the reading role. */
  readonly by: 'contract' | 'reading-role'
  /** `not-seen`: nobody could look, which says nothing of the row. */
  readonly state: 'shown' | 'missing' | 'not-seen'
  readonly waitedMs: number
  /** What was in the way. */
  readonly detail: string | null
}

/** One writing of a contract's row, and where it showed. */
export interface Beat {
  readonly contract: string
  readonly schema: string
  readonly table: string
  /** The contract's own node, where it was written. */
  readonly node: string
  readonly written: Written
  readonly arrivals: readonly Arrival[]
}

const limits = {
  leastMs: { default: 3_000, unit: 'ms', why: 'ten times what a subscriber of a busy primary needs' },
  mostMs: { default: 60_000, unit: 'ms', why: 'a deploy waits for it' },
} as const

/** How long a node may take: what the application bears, and not less than replication needs by itself. */
export const patienceMs = (staleMs: number): number =>
  Math.min(Math.max(staleMs, limits.leastMs.default), limits.mostMs.default)

/** `schema.table`, for people. */
export const tableName = ({ schema, table }: Pick<Beat, 'schema' | 'table'>): string => `${schema}.${table}`
