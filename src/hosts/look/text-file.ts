import { open } from 'node:fs/promises'

/** More than any configuration has; a log that somebody includes by mistake has more. */
const largest = 1_048_576
/** What is added while it is read shows as growth. */
const spareBytes = 4096

export type TextFile =
  | { readonly ok: true; readonly text: string }
  /** It is there, and is no configuration. */
  | { readonly ok: false; readonly why: string }

/** A small text file. Rejects with the system's error where it cannot be read. */
export async function readTextFile(path: string): Promise<TextFile> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size > largest)
      return { ok: false, why: `${path} has ${size} bytes, more than a configuration has (${largest})` }
    const buffer = Buffer.alloc(Math.min(size + spareBytes, largest + 1))
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
      length += bytesRead
      if (bytesRead === 0) break
    }
    if (length === buffer.length) return { ok: false, why: `${path} grows while it is read` }
    const bytes = buffer.subarray(0, length)
    return bytes.includes(0)
      ? { ok: false, why: `${path} is no text file` }
      : { ok: true, text: bytes.toString('utf8') }
  } finally {
    await file.close()
  }
}
