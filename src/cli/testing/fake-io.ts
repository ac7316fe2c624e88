import type { Io, Sink } from '../io.ts'

/** A world of one's own for a run: what was printed is kept. */
export interface FakeIo extends Io {
  readonly stop: AbortController
  readonly printed: { out: string; err: string }
  /** Whoever reads stdout goes away. */
  closeStdout(): void
}

export function fakeIo(
  options: { readonly env?: Record<string, string>; readonly cwd?: string; readonly isTerminal?: boolean } = {},
): FakeIo {
  const printed = { out: '', err: '' }
  const stop = new AbortController()
  const closed: (() => void)[] = []
  const sink = (key: 'out' | 'err'): Sink => ({
    write: (text) => void (printed[key] += text),
    isTerminal: options.isTerminal ?? false,
    columns: 100,
    onClosed: (then) => void (key === 'out' && closed.push(then)),
  })
  return {
    stdout: sink('out'),
    stderr: sink('err'),
    env: options.env ?? {},
    cwd: options.cwd ?? '/nowhere',
    signal: stop.signal,
    stop,
    printed,
    closeStdout: () => closed.forEach((then) => then()),
  }
}
