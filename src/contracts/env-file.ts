/** One `KEY=value` of a settings file. */
export interface EnvEntry {
  readonly value: string
  readonly line: number
}

/** By key; of a key given twice the last counts, as for every reader of such files. */
export type EnvFile = ReadonlyMap<string, EnvEntry>

interface Raw extends EnvEntry {
  /** Single quotes and backticks mean every letter as it stands. */
  readonly literal: boolean
}

const start = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=[ \t]*/
const quotes: Readonly<Record<string, RegExp>> = {
  "'": /^'([^']*)'/,
  '`': /^`([^`]*)`/,
  '"': /^"((?:[^"\\]|\\[\s\S])*)"/,
}
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/**
 * Reads `.env` syntax as the most readers have it: `export`, quotes over several lines, comments after white space, CRLF.
 * A `#` within an unquoted word belongs to it: passwords and URLs have them. What is no such line is passed over.
 */
export function readEnv(text: string): EnvFile {
  const raw = new Map<string, Raw>()
  let rest = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  let line = 1
  while (rest !== '') {
    const key = start.exec(rest)
    const taken = key?.[1] === undefined ? null : valueAt(rest.slice(key[0].length))
    if (key?.[1] !== undefined && taken) raw.set(key[1], { value: taken.value, literal: taken.literal, line })
    const length = key && taken ? key[0].length + taken.length : 0
    const end = rest.indexOf('\n', length)
    const next = end < 0 ? rest.length : end + 1
    line += countLines(rest.slice(0, next))
    rest = rest.slice(next)
  }
  return new Map([...raw].map(([key, entry]) => [key, { value: expanded(entry, raw, 0), line: entry.line }]))
}

function valueAt(text: string): { readonly value: string; readonly literal: boolean; readonly length: number } {
  const quote = text[0] ?? ''
  const quoted = Object.hasOwn(quotes, quote) ? quotes[quote]?.exec(text) : null
  if (quoted) {
    const inside = quoted[1] ?? ''
    const isDouble = quote === '"'
    const value = isDouble ? inside.replace(/\\([\s\S])/g, (_, letter: string) => escapes[letter] ?? letter) : inside
    return { value, literal: !isDouble, length: quoted[0].length }
  }
  const bare = /^[^\n]*/.exec(text)?.[0] ?? ''
  return { value: bare.replace(/(?:^|\s)#.*$/, '').trim(), literal: false, length: bare.length }
}

/** `${NAME}` of the same file, and `${NAME:-otherwise}`. What is not in the file is left: we do not see the application's environment. */
function expanded({ value, literal }: Raw, all: ReadonlyMap<string, Raw>, depth: number): string {
  if (literal || depth > 4) return value
  return value.replace(/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (whole, name: string, otherwise: string | undefined) => {
    const named = all.get(name)
    return named ? expanded(named, all, depth + 1) : (otherwise ?? whole)
  })
}

const countLines = (text: string): number => text.split('\n').length - 1
