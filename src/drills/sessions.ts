import { setTimeout as pause } from 'node:timers/promises'
import type { LabStep } from '../core/lab-step.ts'
import type { Lab } from '../lab/lab.ts'
import type { Session } from '../lab/sql.ts'

/** Something that a step has begun and left running. */
export interface Running {
  stop(): Promise<void>
}

/** What people call a session that they opened by hand. */
const byHand = 'psql'

/** A transaction, begun and forgotten. */
export async function hold(
  lab: Lab,
  { node, text, application = byHand, forMs }: Extract<LabStep, { readonly do: 'hold' }>,
): Promise<Running> {
  const session = await lab.session(node, application)
  await session.rows(`begin; ${text}`)
  const end = async (): Promise<void> => session[Symbol.asyncDispose]()
  const timer = forMs === undefined ? null : setTimeout(() => void end(), forMs)
  return {
    async stop() {
      if (timer !== null) clearTimeout(timer)
      await end()
    },
  }
}

/** Statements again and again. */
export async function repeat(
  lab: Lab,
  { node, texts, everyMs, application = byHand }: Extract<LabStep, { readonly do: 'repeat' }>,
): Promise<Running> {
  const session = await lab.session(node, application)
  const ended = new AbortController()
  const going = again(session, texts, everyMs, ended.signal)
  return {
    async stop() {
      ended.abort()
      // It ends at the first failure, as a script does: a drill may have stopped its server.
      await Promise.allSettled([going])
      await session[Symbol.asyncDispose]()
    },
  }
}

async function again(session: Session, texts: readonly string[], everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await session.each(texts)
    await pause(everyMs, undefined, { signal })
  }
}
