import type { Readable } from 'node:stream'

/** Lines of a stream; null where one is longer than allowed: what follows is no conversation any more. */
export async function* linesOf(stream: Readable, longest: number): AsyncGenerator<string | null> {
  let pieces: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    let rest: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      yield Buffer.concat([...pieces, rest.subarray(0, end)]).toString('utf8')
      pieces = []
      length = 0
      rest = rest.subarray(end + 1)
    }
    pieces.push(rest)
    length += rest.length
    if (length > longest) {
      yield null
      return
    }
  }
}

/** JSON of a line; undefined where it is none. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
