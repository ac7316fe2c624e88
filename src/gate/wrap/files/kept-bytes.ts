import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { CapturedFile } from './captured.ts'

/** Bytes of settings files on the disk, for their owner's eyes: what survives us if we are killed while the command runs. */
export class KeptBytes {
  readonly #directory: string
  readonly #id: string
  readonly #files: string[] = []

  /** `directory`: beside the store; made where it is not there. */
  constructor(directory: string, id: string) {
    this.#directory = directory
    this.#id = id
  }

  /** Where it was written. */
  keep(captured: CapturedFile, when: 'before' | 'after'): string {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    const path = join(this.#directory, `${this.#id}.${this.#files.length}.${when}`)
    // Exclusive: nobody may have laid a link there.
    const opened = openSync(path, 'wx', 0o600)
    this.#files.push(path)
    try {
      writeSync(opened, captured.bytes)
      fsyncSync(opened)
    } finally {
      closeSync(opened)
    }
    return path
  }

  /** Secrets stand in them: what no plan needs does not stay. */
  forget(needed: ReadonlySet<string> = new Set()): void {
    for (const path of this.#files) if (!needed.has(path)) rmSync(path, { force: true })
  }
}
