import { redact, redactValue } from '../core/redact.ts'
import { cutTo } from '../report/width.ts'
import type { Format, Out } from './command.ts'
import type { Io } from './io.ts'

export interface Voice {
  readonly out: Out
  readonly progress: (text: string) => void
  readonly note: (text: string) => void
  readonly detail: (text: string) => void
  /** The progress line is taken away. */
  readonly end: () => void
}

/** Everything that is printed goes through here, and through `redact`. */
export function makeVoice(
  io: Io,
  { format, quiet, verbose }: { readonly format: Format; readonly quiet: boolean; readonly verbose: boolean },
): Voice {
  let hasProgress = false
  const end = (): void => {
    if (hasProgress) io.stderr.write('\r\u001b[2K')
    hasProgress = false
  }
  const print = (text: string): void => {
    end()
    io.stdout.write(text)
  }
  const say = (text: string): void => {
    end()
    io.stderr.write(`${redact(text)}\n`)
  }
  return {
    out: {
      json: (value) => print(`${JSON.stringify(redactValue(value), null, 2)}\n`),
      ndjson: (value) => print(`${JSON.stringify(redactValue(value))}\n`),
      line: (text = '') => {
        if (format === 'text') print(`${redact(text)}\n`)
      },
      document: print,
    },
    progress: (text) => {
      if (quiet || !io.stderr.isTerminal) return
      io.stderr.write(`\r\u001b[2K${cutTo(redact(text).replace(/\s+/g, ' '), io.stderr.columns - 1)}`)
      hasProgress = true
    },
    note: (text) => {
      if (!quiet) say(text)
    },
    detail: (text) => {
      if (verbose) say(text)
    },
    end,
  }
}
