import { codeOrNull, longestField, nameOrNull, type LineReader, type LogMessage } from './message.ts'
import { timeOf } from './time.ts'
import { severityOf } from './words.ts'

/** A record begins with its time: where we have lost the thread, such a line is where it is found again. */
const beginning = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^,"]{1,12},/
/** A record that is longer has lost its closing quote, or is a statement of a size that nobody reads. */
const longest = 1_048_576

/** Messages of a log in the format `csvlog` (manual, "Using CSV-Format Log Output"): a record may have many lines. */
export class CsvReader implements LineReader {
  readonly #zone: string | null
  #lines: string[] = []
  #length = 0
  #isOpen = false
  #strange = 0
  #problem: string | null = null

  constructor(zone: string | null) {
    this.#zone = zone
  }

  get problem(): string | null {
    return this.#problem ?? (this.#strange >= 20 ? 'its lines are not those of a csvlog' : null)
  }

  push(line: string): LogMessage | null {
    if (!this.#isOpen && !beginning.test(line)) {
      if (line.trim() !== '') this.#strange += 1
      return null
    }
    this.#lines.push(line)
    this.#length += line.length
    // Doubled quotes inside a field do not change whether it is open.
    if (quotes(line) % 2 === 1) this.#isOpen = !this.#isOpen
    if (this.#isOpen && this.#length < longest) return null
    const record = this.#lines.join('\n')
    this.#lines = []
    this.#length = 0
    this.#isOpen = false
    return this.#read(fieldsOf(record))
  }

  end(): LogMessage | null {
    return null
  }

  #read(fields: readonly string[]): LogMessage | null {
    const word = fields[11] ?? ''
    const severity = severityOf(word)
    if (severity === null) {
      if (fields.length >= 23 && word !== '')
        this.#problem = `the server writes its log in a language that is not understood (${word.slice(0, 40)})`
      return null
    }
    this.#strange = 0
    this.#problem = null
    return {
      atMs: timeOf(fields[0] ?? '', this.#zone),
      severity,
      code: codeOrNull(fields[12]),
      message: (fields[13] ?? '').slice(0, longestField),
      detail: textOrNull(fields[14]),
      context: textOrNull(fields[18]),
      role: nameOrNull(fields[1]),
      database: nameOrNull(fields[2]),
      application: nameOrNull(fields[22]),
    }
  }
}

const textOrNull = (text: string | undefined): string | null =>
  text === undefined || text === '' ? null : text.slice(0, longestField)

function quotes(line: string): number {
  let count = 0
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) count += 1
  return count
}

/** Fields of one record; `""` inside quotes is a quote. */
export function fieldsOf(record: string): readonly string[] {
  const fields: string[] = []
  let at = 0
  while (at <= record.length && fields.length < 40) {
    if (record[at] !== '"') {
      const end = record.indexOf(',', at)
      fields.push(record.slice(at, end < 0 ? record.length : end))
      if (end < 0) return fields
      at = end + 1
      continue
    }
    let end = record.indexOf('"', at + 1)
    while (end >= 0 && record[end + 1] === '"') end = record.indexOf('"', end + 2)
    const close = end < 0 ? record.length : end
    fields.push(record.slice(at + 1, close).replaceAll('""', '"'))
    // A record ends with its last field: behind it there is no comma.
    if (record[close + 1] !== ',') return fields
    at = close + 2
  }
  return fields
}
