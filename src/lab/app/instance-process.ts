import { readFileSync } from 'node:fs'
import { AntemortemError } from '../../core/error.ts'
import { programBeside, startChild } from '../child-program.ts'
import type { InstanceMessage, InstanceOptions } from './instance-options.ts'

export interface Instance {
  readonly name: string
  readonly envFile: string
  readonly log: string
  /** Its next message of this kind. */
  next(is: (message: InstanceMessage) => boolean): Promise<void>
  stop(): Promise<void>
}

/** Starts an instance, and returns when it has read its files. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { instance, envFile, log, detached } = options
  const program = startChild(programBeside(import.meta.url, 'instance'), options, {
    ended: () => hasEnded(options),
    detachedTo: detached ? log : null,
  })
  const hear = async (is: (message: InstanceMessage) => boolean): Promise<void> => {
    // Only our own instance.ts speaks here.
    await program.next((message): message is InstanceMessage => is(message as InstanceMessage))
  }
  await hear((message) => 'ready' in message)
  if (detached) {
    program.child.disconnect()
    program.child.unref()
  }
  return { name: instance, envFile, log, next: hear, stop: async () => program.stop() }
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
