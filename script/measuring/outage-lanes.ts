import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Answer, Asked } from './outage-lane.ts'

/**
 * As many processes as labs may run at once, each with the next outage as soon as it is free. `next` gives null when no more is to be begun. `beside`: other
 * heavy work on the machine.
 */
export async function runLanes(
  atOnce: number,
  beside: number,
  next: () => Pick<Asked, 'id' | 'seed'> | null,
  then: (asked: Asked, answer: Answer) => void,
): Promise<void> {
  const lanes = Array.from({ length: atOnce }, () => fork(join(import.meta.dirname, 'outage-lane.ts')))
  try {
    await Promise.all(
      lanes.map(async (lane) => {
        for (let wanted = next(); wanted !== null; wanted = next()) {
          const asked = { ...wanted, atOnce: atOnce + beside }
          then(asked, await ask(lane, asked))
        }
      }),
    )
  } finally {
    for (const lane of lanes) if (lane.connected) lane.disconnect()
  }
}

/** What it answers; it fails when the process ends before. */
async function ask(lane: ChildProcess, asked: Asked): Promise<Answer> {
  const answered = new AbortController()
  const { signal } = answered
  const ended = once(lane, 'exit', { signal }).then(([code]) => {
    throw new Error(`the process of ${asked.id} seed ${asked.seed} ended with ${String(code)}: its error stands above`)
  })
  try {
    const answer = once(lane, 'message', { signal })
    lane.send(asked)
    const [message]: Answer[] = await Promise.race([answer, ended])
    if (!message) throw new Error('an answer without words')
    return message
  } finally {
    ended.catch(() => undefined)
    answered.abort()
  }
}
