import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { leftBehind, markName } from './left-behind.ts'
import type { CommandOutcome } from './outcome.ts'

export interface CommandOptions {
  /** Program and arguments; the program as `findProgram` found it. */
  readonly words: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where its output goes: our own streams, or all of it to stderr where stdout is ours for a document. */
  readonly output: 'inherit' | 'stderr'
  readonly timeoutMs: number
  /** Aborted by a signal, which its reason names: the command gets the same one. */
  readonly signal: AbortSignal
  /** By which its processes are known; one of its own where it is left out. */
  readonly mark?: string
}

const limits = {
  graceMs: { default: 10_000, unit: 'ms', why: 'an updater that is told to stop rolls its transaction back' },
} as const

/**
 * Runs a command for real, in a process group of its own, so that what it starts ends with it. Returns when it has ended, by
 * itself, by its time or by a signal; never rejects because of what it did.
 */
export async function runCommand(options: CommandOptions): Promise<CommandOutcome> {
  const { words, cwd, env, output, timeoutMs, signal, mark = randomUUID() } = options
  const [program, ...rest] = words
  const startedMs = Date.now()
  const child = spawn(program, rest, {
    cwd,
    env: { ...env, [markName]: mark },
    stdio: ['inherit', output === 'inherit' ? 'inherit' : 2, 'inherit'],
    detached: true,
  })
  const ended = Promise.withResolvers<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>()
  child.once('error', (error) => ended.reject(error))
  child.once('exit', (code, by) => ended.resolve({ code, signal: by }))
  // A second Ctrl-C ends us at once; the command is not to go on unseen.
  const atExit = (): void => endGroup(child, 'SIGTERM')
  process.once('exit', atExit)
  const stopping = new Stopping(child)
  const interrupt = (): void => void stopping.begin('interrupted', signalIn(signal.reason))
  if (signal.aborted) interrupt()
  else signal.addEventListener('abort', interrupt, { once: true })
  const timer = setTimeout(() => void stopping.begin('timed-out', 'SIGTERM'), timeoutMs)
  try {
    const { code, signal: by } = await ended.promise
    const left = (await leftBehind(mark)) ?? []
    // Who was told to stop and has not: what has left the group is only told.
    if (stopping.why !== null && left.length > 0) endGroup(child, 'SIGKILL')
    return {
      exit: code ?? 128 + (by === null ? 0 : constants.signals[by]),
      signal: by,
      timedOut: stopping.why === 'timed-out',
      interrupted: stopping.why === 'interrupted',
      leftBehind: stopping.why === null ? left : ((await leftBehind(mark)) ?? []),
      startedMs,
      endedMs: Date.now(),
    }
  } finally {
    clearTimeout(timer)
    stopping.end()
    signal.removeEventListener('abort', interrupt)
    process.removeListener('exit', atExit)
  }
}

/** First a word, then, where nobody heard it, force: for the whole group. */
class Stopping {
  why: 'timed-out' | 'interrupted' | null = null
  readonly #child: ChildProcess
  readonly #done = new AbortController()

  constructor(child: ChildProcess) {
    this.#child = child
  }

  async begin(why: 'timed-out' | 'interrupted', word: NodeJS.Signals): Promise<void> {
    if (this.why !== null) return
    this.why = why
    endGroup(this.#child, word)
    const isOver = await sleep(limits.graceMs.default, false, { signal: this.#done.signal }).catch(() => true)
    if (!isOver) endGroup(this.#child, 'SIGKILL')
  }

  end(): void {
    this.#done.abort()
  }
}

const signalIn = (reason: unknown): NodeJS.Signals =>
  String(reason).includes('SIGINT') ? 'SIGINT' : String(reason).includes('SIGHUP') ? 'SIGHUP' : 'SIGTERM'

function endGroup({ pid }: ChildProcess, word: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, word)
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
