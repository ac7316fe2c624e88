/** A line is cut after this much: nobody reads a longer one. */
export const longestLine = 1_048_576

/** Bytes, in pieces of any size, to lines: a character or a line end may be cut in two. Bounded, whatever comes. */
export class LineSplitter {
  #partial: Buffer[] = []
  #length = 0
  /** What comes up to the next line end belongs to a line of which we do not have the beginning, or to one that is cut. */
  #dropping = false

  push(bytes: Buffer): readonly string[] {
    const end = bytes.lastIndexOf(0x0a)
    if (end < 0) {
      this.#keep(bytes)
      return []
    }
    const first = bytes.indexOf(0x0a)
    const lines = this.#close(bytes.subarray(0, first))
    if (end > first) for (const line of textLines(bytes.subarray(first + 1, end))) lines.push(line)
    this.#keep(bytes.subarray(end + 1))
    return lines
  }

  /** The last line, where it ends without a line end; nothing more belongs to it. */
  flush(): readonly string[] {
    return this.#length === 0 && !this.#dropping ? [] : this.#close(Buffer.alloc(0))
  }

  /** What comes next begins in the middle of a line, and what was left has no end. */
  cut(): void {
    this.#partial = []
    this.#length = 0
    this.#dropping = true
  }

  #keep(bytes: Buffer): void {
    if (this.#dropping || bytes.length === 0) return
    const room = longestLine - this.#length
    // A copy: a piece of a large buffer would keep all of it.
    this.#partial.push(Buffer.from(bytes.subarray(0, room)))
    this.#length += Math.min(bytes.length, room)
  }

  #close(rest: Buffer): string[] {
    const isDropped = this.#dropping
    this.#keep(rest)
    const line = Buffer.concat(this.#partial)
    this.#partial = []
    this.#length = 0
    this.#dropping = false
    return isDropped ? [] : [textOf(line)]
  }
}

const textLines = (bytes: Buffer): readonly string[] => bytes.toString('utf8').split('\n').map(clean)

const textOf = (bytes: Buffer): string => clean(bytes.toString('utf8'))

/** Without the carriage return of Windows, and without the zeros that a writer leaves who goes on where a file was cut. */
function clean(text: string): string {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text
  const shown = line.charCodeAt(0) === 0 ? line.replace(/^\0+/, '') : line
  return shown.length > longestLine ? shown.slice(0, longestLine) : shown
}
