import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { InstanceMessage, InstanceOptions } from './instance-options.ts'

export interface Instance {
  readonly name: string
  readonly envFile: string
  /** Its next message of this kind. */
  next(is: (message: InstanceMessage) => boolean): Promise<void>
  stop(): Promise<void>
}

// Beside us, as source and as built.
const program = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'instance.ts' : 'instance.js', import.meta.url))

/** Starts an instance, and returns when it has read its files. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  // Our channel to it closes when we end, whatever ends us: then it ends as well, unless it is to stay.
  const child = fork(program, [JSON.stringify(options)], {
    execArgv: [],
    detached: options.detached,
    env: { PATH: process.env['PATH'] },
    // Whoever waits for the end of our output must not wait for one that stays.
    stdio: ['ignore', 'ignore', options.detached ? 'ignore' : 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const next = async (is: (message: InstanceMessage) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const failed = (): void => reject(new Error(`instance ${options.instance} has ended`))
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
    next,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await ended
    },
  }
}
