import { closeSync, openSync, readSync } from 'node:fs'
import { AntemortemError } from '../core/error.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
}

export interface TextLimits {
  readonly mostBytes: number
  /** What the file should be, for the message: `bundle`, `change`. */
  readonly what: string
  readonly hint: string
  /** The file as the user wrote it, where that is another path. */
  readonly shown?: string
}

/** Reads a file that a person named, and no more of it than it can have: a pipe or a device would never end. */
export function readTextFile(path: string, { mostBytes, what, hint, shown = path }: TextLimits): string {
  const chunks: Buffer[] = []
  let length = 0
  try {
    const file = openSync(path, 'r')
    try {
      for (;;) {
        const chunk = Buffer.alloc(65_536)
        const read = readSync(file, chunk)
        if (read === 0 || length > mostBytes) break
        chunks.push(chunk.subarray(0, read))
        length += read
      }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
    if (code === null) throw error
    throw new AntemortemError(`${what}-unreadable`, `${shown}: ${reasons[code] ?? code}`, hint, {
      exit: 2,
      cause: error,
    })
  }
  if (length > mostBytes)
    throw new AntemortemError(`${what}-too-large`, `${shown} is larger than any ${what}`, hint, { exit: 2 })
  return Buffer.concat(chunks).toString('utf8')
}

/** The same as JSON; null where it is none, which no shape takes. */
export function readJsonFile(path: string, limits: TextLimits): unknown {
  const text = readTextFile(path, limits)
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
