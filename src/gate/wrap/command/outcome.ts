/** A process that the command has left running. */
export interface LeftProcess {
  readonly pid: number
  /** Its own words, cut. */
  readonly command: string
}

/** How a wrapped command ended. */
export interface CommandOutcome {
  /** As its caller would have seen it: 128 and the signal's number, where a signal ended it. */
  readonly exit: number
  /** The signal that ended it; null where it ended by itself. */
  readonly signal: string | null
  /** It was ended because its time was over. */
  readonly timedOut: boolean
  /** It was ended because somebody has interrupted us. */
  readonly interrupted: boolean
  readonly leftBehind: readonly LeftProcess[]
  readonly startedMs: number
  readonly endedMs: number
}
