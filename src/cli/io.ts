/** The world of one run of the program; tests bring their own. */
export interface Io {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Aborted with the name of a signal as its reason. */
  readonly signal: AbortSignal
}

export interface Sink {
  write(text: string): void
  readonly isTerminal: boolean
  readonly columns: number
  /** Called once, when whoever read it has gone; what is written later is dropped. */
  onClosed(then: () => void): void
}

/** A standard stream. `| head` closes it early: that is no fault of anybody. */
export function sinkOf(stream: NodeJS.WriteStream): Sink {
  let isClosed = false
  const listeners: (() => void)[] = []
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
    if (isClosed) return
    isClosed = true
    for (const then of listeners) then()
  })
  return {
    write: (text) => {
      if (!isClosed) stream.write(text)
    },
    isTerminal: stream.isTTY,
    columns: stream.columns ?? 100,
    onClosed: (then) => void listeners.push(then),
  }
}
