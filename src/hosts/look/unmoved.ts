import { stat } from 'node:fs/promises'
import { codeOfError } from '../reading.ts'

/** Within one tick of a file system's clock a file may be written twice, and its second text has the times of the first. */
const tickMs = 2_000

/** Another one is another content; what cannot be looked at has its reason instead. */
export async function stampOf(path: string): Promise<string> {
  return (await look(path)).stamp
}

async function look(path: string): Promise<{ readonly stamp: string; readonly changedMs: number }> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return { stamp: `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`, changedMs: Number(ctimeNs / 1_000_000n) }
  } catch (error) {
    const code = codeOfError(error)
    if (code === null) throw error
    return { stamp: code, changedMs: 0 }
  }
}

/** Tells of a file or folder, before it is read, that what is being made depends on it. */
export type Depends = (path: string) => Promise<void>

/** For who reads once and keeps nothing. */
export const keepsNothing: Depends = async () => undefined

interface Kept<T> {
  readonly of: string
  readonly value: T
  readonly stamps: ReadonlyMap<string, string>
}

/**
 * What was made of files, kept while none of them has moved: a look every second at files that change once a month is a few
 * stats instead of opening, reading and parsing each of them.
 */
export class Unmoved<T> {
  #kept: Kept<T> | null = null

  /** `of`: what the value is made of beside the files. What is not `whole`, because a file could not be read, is made again. */
  async get(of: string, make: (depends: Depends) => Promise<T>, whole: (value: T) => boolean): Promise<T> {
    const kept = this.#kept
    if (kept?.of === of && (await areUnmoved(kept.stamps))) return kept.value
    const stamps = new Map<string, string>()
    const startedMs = Date.now()
    let isYoung = false
    const value = await make(async (path) => {
      if (stamps.has(path)) return
      const { stamp, changedMs } = await look(path)
      stamps.set(path, stamp)
      if (changedMs > startedMs - tickMs) isYoung = true
    })
    this.#kept = whole(value) && !isYoung ? { of, value, stamps } : null
    return value
  }
}

async function areUnmoved(stamps: ReadonlyMap<string, string>): Promise<boolean> {
  for (const [path, stamp] of stamps) if ((await stampOf(path)) !== stamp) return false
  return true
}
