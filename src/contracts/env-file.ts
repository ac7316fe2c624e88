/** One `KEY=value` of a settings file, and where its value stands in the text, quotes included. */
export interface EnvEntry {
  readonly value: string
  readonly line: number
  readonly from: number
  readonly to: number
}

/** By key; of a key given twice the last counts, as for every reader of such files. */
export type EnvFile = ReadonlyMap<string, EnvEntry>

interface Raw extends EnvEntry {
  readonly key: string
  /** Single quotes and backticks (`literal`) mean every letter as it stands; double ones have escapes. */
  readonly manner: 'bare' | 'double' | 'literal'
}

const start = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=[ \t]*/y
const restOfLine = /[^\r\n]*/y
const lineEnd = /\r\n?|\n/g
const quotes: Readonly<Record<string, RegExp>> = {
  "'": /'([^']*)'/y,
  '`': /`([^`]*)`/y,
  '"': /"((?:[^"\\]|\\[\s\S])*)"/y,
}
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/**
 * Reads `.env` syntax as the most readers have it: `export`, quotes over several lines, comments after white space, CRLF.
 * A `#` within an unquoted word belongs to it: passwords and URLs have them. What is no such line is passed over.
 */
export const readEnv = (text: string): EnvFile =>
  new Map(readEnvLines(text).map(({ key, value, line, from, to }) => [key, { value, line, from, to }]))

/** The same in the order of the file, a key that is given twice each time. */
export function readEnvLines(text: string): readonly (EnvEntry & { readonly key: string })[] {
  const raw: Raw[] = []
  let line = 1
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length;) {
    const key = matchAt(start, text, at)
    const taken = key?.[1] === undefined ? null : valueAt(text, at + key[0].length)
    if (key?.[1] !== undefined && taken) raw.push({ key: key[1], ...taken, line })
    lineEnd.lastIndex = taken?.end ?? at
    const end = lineEnd.exec(text)
    const next = end === null ? text.length : end.index + end[0].length
    line += text.slice(at, next).match(lineEnd)?.length ?? 0
    at = next
  }
  const last = new Map(raw.map((entry) => [entry.key, entry]))
  return raw.map((entry) => ({ ...entry, value: expanded(entry, last, 0) }))
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function valueAt(text: string, from: number): Omit<Raw, 'key' | 'line'> & { readonly end: number } {
  const quote = text[from] ?? ''
  const pattern = Object.hasOwn(quotes, quote) ? quotes[quote] : undefined
  const quoted = pattern === undefined ? null : matchAt(pattern, text, from)
  if (quoted) {
    const inside = (quoted[1] ?? '').replace(/\r\n?/g, '\n')
    const to = from + quoted[0].length
    return { value: inside, manner: quote === '"' ? 'double' : 'literal', from, to, end: to }
  }
  const bare = matchAt(restOfLine, text, from)?.[0] ?? ''
  const value = bare.replace(/(?:^|\s)#.*$/, '').trim()
  // Before the white space that parts an empty value from a comment.
  const begin = value === '' ? from - blanksBefore(text, from) : from + bare.indexOf(value)
  return { value, manner: 'bare', from: begin, to: begin + value.length, end: from + bare.length }
}

function blanksBefore(text: string, at: number): number {
  let count = 0
  while (/[ \t]/.test(text[at - count - 1] ?? '')) count += 1
  return count
}

const reference = String.raw`\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}`
const inBare = new RegExp(reference, 'g')
const inDouble = new RegExp(String.raw`\\([\s\S])|${reference}`, 'g')

/** `${NAME}` of the same file, and `${NAME:-otherwise}`. What is not in the file is left: we do not see the application's environment. */
function expanded({ value, manner }: Raw, all: ReadonlyMap<string, Raw>, depth: number): string {
  if (manner === 'literal' || depth > 4) return value
  const of = (whole: string, name: string, otherwise: string | undefined): string => {
    const named = all.get(name)
    return named ? expanded(named, all, depth + 1) : (otherwise ?? whole)
  }
  if (manner === 'bare') return value.replace(inBare, of)
  return value.replace(inDouble, (whole, letter: string | undefined, name: string, otherwise: string | undefined) =>
    letter === undefined ? of(whole, name, otherwise) : (escapes[letter] ?? letter),
  )
}
