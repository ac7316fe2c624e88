import { codeOrNull, longestField, nameOrNull, type LineReader, type LogMessage } from './message.ts'
import { timeOf } from './time.ts'
import { severityOf } from './words.ts'

/** Messages of a log in the format `jsonlog` (since 15; manual, "Using JSON-Format Log Output"): one object a line. */
export class JsonReader implements LineReader {
  readonly #zone: string | null
  #strange = 0
  #problem: string | null = null

  constructor(zone: string | null) {
    this.#zone = zone
  }

  get problem(): string | null {
    return this.#problem ?? (this.#strange >= 20 ? 'its lines are not those of a jsonlog' : null)
  }

  push(line: string): LogMessage | null {
    const value = objectOf(line)
    const text = (key: string): string | null => {
      const field: unknown = value?.[key]
      return typeof field === 'string' && field !== '' ? field.slice(0, longestField) : null
    }
    const word = text('error_severity')
    const severity = word === null ? null : severityOf(word)
    if (severity === null) {
      if (word !== null)
        this.#problem = `the server writes its log in a language that is not understood (${word.slice(0, 40)})`
      else if (line.trim() !== '') this.#strange += 1
      return null
    }
    this.#strange = 0
    this.#problem = null
    return {
      atMs: timeOf(text('timestamp') ?? '', this.#zone),
      severity,
      code: codeOrNull(text('state_code')),
      message: text('message') ?? '',
      detail: text('detail'),
      context: text('context'),
      role: nameOrNull(text('user')),
      database: nameOrNull(text('dbname')),
      application: nameOrNull(text('application_name')),
    }
  }

  end(): LogMessage | null {
    return null
  }
}

type Fields = Readonly<Record<string, unknown>>

function objectOf(line: string): Fields | null {
  if (!line.startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return salvaged(line)
  }
}

/** The fields before the place where a line was cut: what matters stands before the statement. */
function salvaged(line: string): Fields {
  const fields: Record<string, unknown> = {}
  const field = /[{,]"([a-z_]{1,40})":("(?:[^"\\]|\\.){0,20000}"|-?\d{1,20})/y
  for (let match = field.exec(line); match; match = field.exec(line)) {
    const [, key = '', text = ''] = match
    fields[key] = text.startsWith('"') ? unquoted(text) : Number(text)
  }
  return fields
}

function unquoted(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : null
  } catch (error) {
    // Raw bytes that JSON does not allow: the field is left out.
    if (error instanceof SyntaxError) return null
    throw error
  }
}
