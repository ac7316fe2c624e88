/** Why something could not be seen. Each is told apart, because each has another remedy. */
export type Blindness =
  | 'unreachable'
  | 'no-privilege'
  | 'not-configured'
  | 'not-in-this-version'
  | 'timed-out'
  | 'stale'
  | 'no-history'
  | 'not-comparable'
  /** Another node of the configuration is the same server: it is counted there. */
  | 'named-twice'

export interface Seen<T> {
  readonly seen: true
  /** Milliseconds since the epoch, on the watcher's clock. */
  readonly atMs: number
  readonly value: T
}

export interface Unseen {
  readonly seen: false
  readonly why: Blindness
  readonly detail: string
  readonly remedy: string
}

/** A value that was read, or the reason why it was not: absence of data is never health. */
export type Observation<T> = Seen<T> | Unseen

export const seen = <T>(atMs: number, value: T): Seen<T> => ({ seen: true, atMs, value })

export const unseen = (why: Blindness, detail: string, remedy: string): Unseen => ({ seen: false, why, detail, remedy })
