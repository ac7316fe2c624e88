import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
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
  keep(captured: Pick<CapturedFile, 'file' | 'bytes'>, when: 'before' | 'after'): string {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    // For whoever finds it there after we were killed.
    const name = basename(captured.file)
      .replaceAll(/[^\w.-]/g, '_')
      .slice(0, 60)
    const path = join(this.#directory, `${this.#id}.${this.#files.length}.${name}.${when}`)
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

/** What a gate has kept that was killed while its command ran: no plan needs it, and nobody has taken it away. */
export async function leftBehindIn(
  directory: string,
  store: { plan(id: string): Promise<unknown> },
): Promise<readonly string[]> {
  const left: string[] = []
  for (const name of existsSync(directory) ? readdirSync(directory).sort() : []) {
    const id = /^(gate-[0-9a-f]+)\..*\.before$/.exec(name)?.[1]
    if (id !== undefined && (await store.plan(id)) === null) left.push(join(directory, name))
  }
  return left
}
