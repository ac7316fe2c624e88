import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LeftProcess } from './outcome.ts'

/** In the environment of a wrapped command, and so of all that it starts, also of what leaves its process group. */
export const markName = 'ANTEMORTEM_GATE_RUN'

const limits = {
  waitMs: { default: 1000, unit: 'ms', why: 'the other end of a pipe needs a moment to end with its first' },
} as const

/** What a command has left running, once it had a moment to end as well. Where the system does not tell, nothing is known: null. */
export async function leftBehind(mark: string): Promise<readonly LeftProcess[] | null> {
  const until = performance.now() + limits.waitMs.default
  for (;;) {
    const found = marked(mark)
    if (found === null || found.length === 0 || performance.now() > until) return found
    await sleep(50)
  }
}

/** Processes that carry the mark, by Linux's /proc; those of other users are not ours to see. */
function marked(mark: string): readonly LeftProcess[] | null {
  const names = read(() => readdirSync('/proc'))
  if (names === null) return null
  return names
    .filter((name) => /^\d+$/.test(name) && marks(mark, name))
    .map((name) => {
      const words = read(() => readFileSync(`/proc/${name}/cmdline`, 'utf8')) ?? ''
      return { pid: Number(name), command: words.replaceAll('\0', ' ').trim().slice(0, 80) }
    })
}

/** Does this process carry the mark? */
export const marks = (mark: string, pid: string): boolean =>
  (read(() => readFileSync(`/proc/${pid}/environ`, 'utf8')) ?? '').split('\0').includes(`${markName}=${mark}`)

/** A process may end while it is looked at. */
function read<T>(look: () => T): T | null {
  try {
    return look()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}
