import { statSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { codeOfError } from '../reading.ts'

/** Lines come in bursts: one call tells of all of them. */
const gatherMs = 30
/** Where the folder is gone, or watches are used up, the next try is so far away. */
const againMs = 5000

/** Calls `then` soon after the log has grown. Where the system cannot tell, nobody calls: whoever reads must also look by himself. */
export class LogWatch {
  readonly #path: string
  readonly #then: () => void
  #watcher: FSWatcher | null = null
  #timer: NodeJS.Timeout | null = null
  #again: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(path: string, then: () => void) {
    this.#path = path
    this.#then = then
    this.#open()
  }

  #open(): void {
    if (this.#isClosed) return
    try {
      // The folder of a file, because the file is renamed and made anew.
      const isFolder = statSync(this.#path, { throwIfNoEntry: false })?.isDirectory() === true
      const name = isFolder ? null : basename(this.#path)
      this.#watcher = watch(isFolder ? this.#path : dirname(this.#path), { persistent: false }, (_, changed) => {
        if (name === null || changed === null || changed === name) this.#wake()
      })
      this.#watcher.on('error', () => this.#retry())
    } catch (error) {
      if (codeOfError(error) === null) throw error
      this.#retry()
    }
  }

  #wake(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#then()
    }, gatherMs)
  }

  #retry(): void {
    this.#watcher?.close()
    this.#watcher = null
    if (this.#isClosed) return
    this.#again = setTimeout(() => this.#open(), againMs)
    this.#again.unref()
  }

  close(): void {
    this.#isClosed = true
    this.#watcher?.close()
    if (this.#timer) clearTimeout(this.#timer)
    if (this.#again) clearTimeout(this.#again)
  }
}
