import { statSync } from 'node:fs'
import { readStill, stampOf } from './settings-files.ts'

/** Within one tick of a file system's clock a file may be written twice, and its second text has the times of the first. */
const tickMs = 2_000

/** Texts of settings files for who asks again and again: a file is read again when its stamp moves. */
export class SettingsTexts {
  /** Without a stamp: it could not be read, or may be written again within the same tick, and is read again. */
  readonly #kept = new Map<string, { readonly stamp: string | null; readonly text: string }>()

  /** Rejects, as the reading itself, what is no settings file. */
  readonly read = (file: string): string => {
    const kept = this.#kept.get(file)
    if (kept && kept.stamp !== null && kept.stamp === stampOrNone(file)) return kept.text
    this.#kept.set(file, { stamp: null, text: '' })
    const { text, stamp } = readStill(file)
    const isYoung = statSync(file).ctimeMs > Date.now() - tickMs
    this.#kept.set(file, { stamp: isYoung ? null : stamp, text })
    return text
  }

  /** Is any of the files that were read another one by now? */
  get hasMoved(): boolean {
    return [...this.#kept].some(([file, { stamp }]) => stamp === null || stamp !== stampOrNone(file))
  }
}

function stampOrNone(file: string): string | null {
  try {
    return stampOf(file)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return null
  }
}
