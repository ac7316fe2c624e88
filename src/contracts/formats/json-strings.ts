import { linesOf } from './edit.ts'
import { wrong } from './format.ts'

/** A text within a JSON file. */
export interface JsonString {
  /** From the outermost key inwards; of a list the number. */
  readonly path: readonly string[]
  readonly value: string
  readonly line: number
  /** Where each letter of the value stands in the file, and where its closing quote does. */
  readonly at: readonly number[]
}

/** .NET refuses what is deeper. */
const deepest = 64
const blank = /(?:\s+|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/y
const bare = /(?:-?\d[\d.eE+-]*|true|false|null)/y
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** Every text of a JSON file with its place; comments and commas at the end are allowed, as .NET allows them. Throws (exit 2). Pure. */
export function jsonStrings(text: string, file: string): readonly JsonString[] {
  const lineOf = linesOf(text)
  const found: JsonString[] = []
  let at = text.startsWith('\ufeff') ? 1 : 0
  skip()
  value([])
  skip()
  if (at < text.length) throw broken()
  return found

  function broken(): Error {
    return wrong(`${file}:${lineOf(Math.min(at, text.length))}`, 'is no JSON here', 'Mend the line.')
  }

  function skip(): void {
    blank.lastIndex = at
    at += blank.exec(text)?.[0].length ?? 0
  }

  function value(path: readonly string[]): void {
    if (path.length > deepest)
      throw wrong(`${file}:${lineOf(at)}`, 'is nested too deeply', 'A settings file has a few levels.')
    const sign = text[at]
    if (sign === '"') {
      const line = lineOf(at)
      found.push({ path, line, ...string() })
    } else if (sign === '{') inside('}', () => member(path))
    else if (sign === '[') {
      let n = 0
      inside(']', () => value([...path, String(n++)]))
    } else {
      bare.lastIndex = at
      const word = bare.exec(text)?.[0]
      if (word === undefined) throw broken()
      at += word.length
    }
  }

  function inside(end: string, item: () => void): void {
    at += 1
    skip()
    while (text[at] !== end) {
      item()
      skip()
      if (text[at] === ',') at += 1
      else if (text[at] !== end) throw broken()
      skip()
    }
    at += 1
  }

  function member(path: readonly string[]): void {
    if (text[at] !== '"') throw broken()
    const key = string().value
    skip()
    if (text[at] !== ':') throw broken()
    at += 1
    skip()
    value([...path, key])
  }

  function string(): Pick<JsonString, 'value' | 'at'> {
    const letters: string[] = []
    const places: number[] = []
    for (at += 1; text[at] !== '"';) {
      const letter = text[at]
      if (letter === undefined || letter < ' ') throw broken()
      places.push(at)
      const code = letter === '\\' ? /^u([0-9a-f]{4})/i.exec(text.slice(at + 1, at + 6))?.[1] : undefined
      const escaped = text[at + 1] ?? ''
      if (code !== undefined) letters.push(String.fromCharCode(Number.parseInt(code, 16)))
      else letters.push(letter === '\\' ? (escapes[escaped] ?? escaped) : letter)
      at += code !== undefined ? 6 : letter === '\\' ? 2 : 1
    }
    places.push(at)
    at += 1
    return { value: letters.join(''), at: places }
  }
}
