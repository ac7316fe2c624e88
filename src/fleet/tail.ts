import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

/** Where to begin in a file that is there already: far enough back for the last seconds, whatever its size. */
const backBytes = 64 * 1024
/** Read at once; what is further behind is left out, because the last seconds are what is asked for. */
const atOnceBytes = 4 * 1024 * 1024

/**
 * The lines that were added to a file since the last look. Follows it through rotation (another file under the name: the
 * rest of the old one is read first) and truncation (shorter than what was read). A last line without its end waits.
 */
export class Tail {
  readonly #path: string
  #file: FileHandle | null = null
  /** Which file it is, whatever its name is by now. */
  #id = ''
  #offset = 0
  #partial = Buffer.alloc(0)

  constructor(path: string) {
    this.#path = path
  }

  /** Rejects when the file cannot be read; the next call tries again. */
  async lines(): Promise<readonly string[]> {
    const there = await stat(this.#path, { bigint: true })
    const lines: string[] = []
    const isSame = this.#id === idOf(there)
    // Most looks find nothing: that one stat tells so.
    if (this.#file && isSame && Number(there.size) === this.#offset) return lines
    if (this.#file) {
      if (!isSame) {
        lines.push(...(await this.#read(this.#file)))
        await this.#follow(0)
      }
    } else await this.#follow(Math.max(0, Number(there.size) - backBytes))
    if (this.#file) lines.push(...(await this.#read(this.#file)))
    return lines
  }

  async #follow(offset: number): Promise<void> {
    await this.close()
    this.#file = await open(this.#path)
    this.#id = idOf(await this.#file.stat({ bigint: true }))
    // In the middle of a file the first line is most likely cut: it is dropped with the bytes before it.
    this.#offset = offset
    this.#partial = Buffer.alloc(0)
    this.#cut = offset > 0
  }

  /** What comes up to the next line end belongs to a line of which we do not have the beginning. */
  #cut = false

  async #read(file: FileHandle): Promise<readonly string[]> {
    const { size } = await file.stat()
    if (size < this.#offset) {
      this.#offset = 0
      this.#partial = Buffer.alloc(0)
      this.#cut = false
    }
    if (size - this.#offset > atOnceBytes) {
      this.#offset = size - atOnceBytes
      this.#partial = Buffer.alloc(0)
      this.#cut = true
    }
    const buffer = Buffer.alloc(size - this.#offset)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#offset)
    this.#offset += bytesRead
    const all = Buffer.concat([this.#partial, buffer.subarray(0, bytesRead)])
    const end = all.lastIndexOf('\n')
    // Bytes, not text: a character may be cut in two as well. A line without end that grows and grows is none of ours.
    this.#partial = all.length - end - 1 > backBytes ? Buffer.alloc(0) : Buffer.from(all.subarray(end + 1))
    if (end < 0) return []
    const lines = all.subarray(0, end).toString('utf8').split('\n')
    if (this.#cut) lines.shift()
    this.#cut = false
    return lines
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = null
  }
}

const idOf = ({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string => `${dev}:${ino}`
