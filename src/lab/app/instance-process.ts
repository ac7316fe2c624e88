import { fork } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AntemortemError } from '../../core/error.ts'
import type { InstanceMessage, InstanceOptions } from './instance-options.ts'

export interface Instance {
  readonly name: string
  readonly envFile: string
  readonly log: string
  /** Its next message of this kind. */
  next(is: (message: InstanceMessage) => boolean): Promise<void>
  stop(): Promise<void>
}

// Beside us, as source and as built.
const program = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'instance.ts' : 'instance.js', import.meta.url))

/** Starts an instance, and returns when it has read its files. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const log = options.detached ? openSync(options.log, 'a', 0o600) : null
  // Our channel to it closes when we end, whatever ends us: then it ends as well, unless it is to stay.
  const child = fork(program, [JSON.stringify(options)], {
    execArgv: [],
    detached: options.detached,
    env: { PATH: process.env['PATH'] },
    // Whoever waits for the end of our output must not wait for one that stays.
    stdio: ['ignore', 'ignore', log ?? 'inherit', 'ipc'],
  })
  if (log !== null) closeSync(log)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const next = async (is: (message: InstanceMessage) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const failed = (): void => reject(hasEnded(options))
      // Only our own instance.ts speaks here.
      const listen = (message: unknown): void => {
        if (!is(message as InstanceMessage)) return
        child.off('message', listen)
        child.off('exit', failed)
        resolve()
      }
      child.on('message', listen)
      child.once('exit', failed)
    })
  await next((message) => 'ready' in message)
  if (options.detached) {
    child.disconnect()
    child.unref()
  }
  return {
    name: options.instance,
    envFile: options.envFile,
    log: options.log,
    next,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await ended
    },
  }
}

/** With its own last words: the log may be gone with the lab when somebody looks. */
function hasEnded({ instance, log, detached }: InstanceOptions): AntemortemError {
  const said = detached ? readFileSync(log, 'utf8') : ''
  const last = /^\w*Error.*: .*$/m.exec(said)?.[0] ?? said.trim().split('\n').at(-1) ?? ''
  return new AntemortemError(
    'lab-app-failed',
    `instance ${instance} of the login application has ended${last === '' ? '' : `: ${last}`}`,
    detached ? `Its log: ${log}` : 'What it said stands above.',
  )
}
