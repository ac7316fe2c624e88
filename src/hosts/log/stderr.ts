import { codeOrNull, longestField, type LineReader, type LogMessage, type Severity } from './message.ts'
import { anyPrefix, type PrefixFields, type PrefixReader } from './prefix.ts'
import { nextMarker, partOf, severityOf, strangeWord } from './words.ts'

interface Pending {
  readonly fields: PrefixFields
  readonly severity: Severity
  code: string | null
  message: string
  detail: string | null
  context: string | null
}

/** A prefix is not longer than this, whatever an application calls itself. */
const longestPrefix = 600
/** So many lines in a row of which none is understood are no accident. */
const strangeLines = 20

/** Classes of SQLSTATE: with `log_error_verbosity = verbose` the code stands before the message, and looks like a word. */
const classes = /^(?:0[0-3ABFLPZ8-9]|1[0-9A-Z]|2[0-8BDF]|3[0-9BDF]|4[0-4]|5[3-8]|72|F0|HV|P0|XX)[0-9A-Z]{3}(?=: )/

/**
 * Messages of a log in the format `stderr`, with any `log_line_prefix`. `prefixes`: the first that fits counts. Lines that
 * begin with a tab go on; DETAIL, CONTEXT and the like belong to the message before.
 */
export class StderrReader implements LineReader {
  readonly #prefixes: readonly PrefixReader[]
  readonly #any: PrefixReader
  #pending: Pending | null = null
  /** Where a line that begins with a tab belongs. */
  #field: 'message' | 'detail' | 'context' | null = null
  #strange = 0
  #language: string | null = null

  constructor(prefixes: readonly PrefixReader[], zone: string | null) {
    this.#prefixes = prefixes
    this.#any = anyPrefix(zone)
  }

  get problem(): string | null {
    if (this.#language !== null)
      return `the server writes its log in a language that is not understood (${this.#language})`
    return this.#strange >= strangeLines ? 'its lines are not those of a server, or of another format' : null
  }

  push(line: string): LogMessage | null {
    if (line.startsWith('\t')) {
      this.#continue(line.slice(1))
      return null
    }
    const found = this.#split(line)
    if (!found) {
      this.#field = null
      this.#wonder(line)
      return null
    }
    this.#strange = 0
    const { fields, word, text } = found
    const part = partOf(word)
    if (part !== null) {
      this.#attach(part, fields, text)
      return null
    }
    const severity = severityOf(word)
    if (severity === null) return null
    // Words that several languages share say nothing; those of one that we read end the doubt.
    if (severity !== 'LOG' && severity !== 'DEBUG') this.#language = null
    const done = this.end()
    const code = classes.exec(text)?.[0]
    this.#pending = {
      fields,
      severity,
      code: codeOrNull(code) ?? fields.code,
      message: (code === undefined ? text : text.slice(code.length + 2)).slice(0, longestField),
      detail: null,
      context: null,
    }
    this.#field = 'message'
    return done
  }

  end(): LogMessage | null {
    const pending = this.#pending
    this.#pending = null
    this.#field = null
    if (!pending) return null
    const { fields, ...rest } = pending
    const { atMs, role, database, application } = fields
    return { atMs, role, database, application, ...rest }
  }

  /** Prefix, word and text; null for a line that has none. */
  #split(line: string): { readonly fields: PrefixFields; readonly word: string; readonly text: string } | null {
    const first = nextMarker(line, 0, longestPrefix)
    for (let marker = first, tries = 0; marker && tries < 4; tries += 1) {
      const { index, word, end } = marker
      for (const prefix of this.#prefixes) {
        const fields = prefix(line.slice(0, index))
        if (fields) return { fields, word, text: line.slice(end) }
      }
      marker = nextMarker(line, end, longestPrefix)
    }
    if (!first) return null
    const fields = this.#any(line.slice(0, first.index))
    return fields && { fields, word: first.word, text: line.slice(first.end) }
  }

  #continue(text: string): void {
    const { pending, field } = { pending: this.#pending, field: this.#field }
    if (!pending || field === null) return
    const before = pending[field] ?? ''
    if (before.length < longestField) pending[field] = `${before}\n${text}`.slice(0, longestField)
  }

  #attach(part: ReturnType<typeof partOf>, fields: PrefixFields, text: string): void {
    const pending = this.#pending
    // Without the process in the prefix the order has to do.
    const belongs = pending !== null && (fields.pid === null || fields.pid === pending.fields.pid)
    this.#field = !belongs ? null : part === 'DETAIL' ? 'detail' : part === 'CONTEXT' ? 'context' : null
    if (belongs && this.#field !== null) pending[this.#field] = text.slice(0, longestField)
  }

  /** A line with no word that we know: another language, or no log at all? */
  #wonder(line: string): void {
    if (line.trim() === '') return
    this.#strange += 1
    const head = line.slice(0, longestPrefix)
    const end = head.search(/ ?: {2}/)
    for (let at = 0; at <= end; at += 1) {
      if (!/^[\p{Lu}\p{Lo}]/u.test(head.slice(at, at + 2)) || /\p{L}/u.test(head[at - 1] ?? '')) continue
      const word = strangeWord.exec(head.slice(at))?.[1]
      if (word === undefined || severityOf(word) !== null || partOf(word) !== null) continue
      if (!this.#prefixes.some((prefix) => prefix(head.slice(0, at)) !== null)) continue
      this.#language = word
      return
    }
  }
}
