/** Where somebody stands in a log. It names no path: whoever sends it cannot choose what is read. */
export interface LogPosition {
  /** Device and inode, as `2049:131`. */
  readonly id: string
  readonly offset: number
  /** The last bytes before the offset, base64: a file that was truncated and written again does not have them. */
  readonly check: string
}

export type LogFormat = 'stderr' | 'csvlog' | 'jsonlog'

/** A piece of a log. */
export interface LogChunk {
  /** Name of the file, for people. */
  readonly file: string
  readonly format: LogFormat
  readonly bytes: Buffer
  /** Where the next one begins. */
  readonly position: LogPosition
  /** It continues nothing: what was left of a line before it is a whole line. */
  readonly fresh: boolean
  /** It begins in the middle of a line. */
  readonly cut: boolean
  /** Why something before it is missing; null where nothing is. */
  readonly gap: string | null
  /** There is more at once. */
  readonly more: boolean
}

/** Enough to hold a time to the millisecond: two lines of a log are seldom the same to that length. */
export const checkBytes = 64

export const idOf = ({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string => `${dev}:${ino}`

export const formatOf = (name: string): LogFormat =>
  name.endsWith('.csv') ? 'csvlog' : name.endsWith('.json') ? 'jsonlog' : 'stderr'
