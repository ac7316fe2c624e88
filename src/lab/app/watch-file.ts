import { readFileSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

const pollMs = 200

/** Calls when a file's text is another one. The system tells at once; the poll is for where it does not. */
export function watchFile(file: string, changed: () => void): void {
  let last = textOf(file)
  const look = (): void => {
    const now = textOf(file)
    if (now === null || now === last) return
    last = now
    changed()
  }
  // The folder, because whoever writes carefully puts a new file in the old one's place.
  watch(dirname(file), { persistent: false }, (_, name) => {
    if (name === basename(file)) look()
  }).on('error', () => undefined)
  setInterval(look, pollMs).unref()
}

/** Null while there is none. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
