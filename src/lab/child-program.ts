import { fork, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

export interface ChildProgram {
  readonly child: ChildProcess
  /** Its next message that is meant; rejects where it ends before. */
  next<T>(is: (message: unknown) => message is T): Promise<T>
  stop(): Promise<void>
}

export interface ChildOptions {
  /** What to say when it ends while it is waited for. */
  readonly ended: () => Error
  /** It stays when we end, and writes its last words here. */
  readonly detachedTo?: string | null
}

/**
 * A program of ours in a process of its own, so that its delays and its load are not ours. Our channel to it closes when we end,
 * whatever ends us: then it ends as well, unless it is detached.
 */
export function startChild(program: URL, options: unknown, { ended, detachedTo = null }: ChildOptions): ChildProgram {
  const log = detachedTo === null ? null : openSync(detachedTo, 'a', 0o600)
  const child = fork(program, [JSON.stringify(options)], {
    execArgv: [],
    detached: log !== null,
    env: { PATH: process.env['PATH'] },
    // Whoever waits for the end of our output must not wait for one that stays.
    stdio: ['ignore', 'ignore', log ?? 'inherit', 'ipc'],
  })
  if (log !== null) closeSync(log)
  const hasEnded = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    child,
    async next<T>(is: (message: unknown) => message is T) {
      return new Promise<T>((resolve, reject) => {
        const failed = (): void => reject(ended())
        const listen = (message: unknown): void => {
          if (!is(message)) return
          child.off('message', listen)
          child.off('exit', failed)
          resolve(message)
        }
        child.on('message', listen)
        child.once('exit', failed)
      })
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await hasEnded
    },
  }
}

/** A program beside the module that asks, as source and as built. */
export const programBeside = (module: string, name: string): URL =>
  new URL(`${name}${module.endsWith('.ts') ? '.ts' : '.js'}`, module)
