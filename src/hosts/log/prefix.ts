import { epochOf, timeOf } from './time.ts'
import { codeOrNull, nameOrNull, type LogMessage } from './message.ts'

/** What `log_line_prefix` puts before a message, as far as we use it. */
export type PrefixFields = Pick<LogMessage, 'atMs' | 'code' | 'role' | 'database' | 'application'> & {
  readonly pid: number | null
}

/** Reads the text before a message; null where the prefix does not describe it. */
export type PrefixReader = (text: string) => PrefixFields | null

export const defaultPrefix = '%m [%p] '

/** What an escape writes: something of a known form, or words of any kind up to a length. */
type Form = { readonly pattern: RegExp } | { readonly most: number }

type Token =
  | { readonly kind: 'text'; readonly text: string }
  /** `width`: padded to so many characters, on the left, or with a minus on the right; 0 where it is not. */
  | { readonly kind: 'field'; readonly letter: string; readonly form: Form; readonly width: number }
  /** `%q`: processes without a session stop here. */
  | { readonly kind: 'stop' }

const stamp = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
const zoneWord = String.raw`(?:[A-Za-z]{1,6}|[+-]\d\d(?::\d\d|\d\d)?)`
// Names have 63 bytes at most, those of background workers 96.
const name: Form = { most: 64 }
const known = (pattern: string): Form => ({ pattern: new RegExp(pattern, 'y') })
const forms: Readonly<Record<string, Form>> = {
  a: name,
  u: name,
  d: name,
  b: { most: 100 },
  i: name,
  r: { most: 270 },
  h: { most: 260 },
  L: { most: 260 },
  p: known(String.raw`\d{1,10}`),
  P: known(String.raw`\d{0,10}`),
  t: known(`${stamp} ${zoneWord}`),
  m: known(String.raw`${stamp}\.\d{3} ${zoneWord}`),
  s: known(`${stamp} ${zoneWord}`),
  n: known(String.raw`\d{1,12}\.\d{3}`),
  e: known('[0-9A-Z]{5}'),
  c: known(String.raw`[0-9a-f]{1,16}\.[0-9a-f]{1,16}`),
  l: known(String.raw`\d{1,20}`),
  v: known(String.raw`(?:-?\d{1,10}/\d{1,10})?`),
  x: known(String.raw`\d{1,20}`),
  Q: known(String.raw`-?\d{1,20}`),
}

/** The setting as it is written: an escape that the server does not know writes nothing. */
function tokensOf(prefix: string): readonly Token[] {
  const tokens: Token[] = []
  const add = (text: string): void => {
    const last = tokens.at(-1)
    if (last?.kind === 'text') tokens.splice(-1, 1, { kind: 'text', text: last.text + text })
    else if (text !== '') tokens.push({ kind: 'text', text })
  }
  for (const [, padding, letter, plain] of prefix.matchAll(/%(-?\d{1,4})?([\s\S])|([^%]+|%$)/g)) {
    if (letter === undefined) add(plain === '%' ? '' : (plain ?? ''))
    else if (letter === '%') add('%')
    else if (letter === 'q') tokens.push({ kind: 'stop' })
    else if (Object.hasOwn(forms, letter))
      tokens.push({ kind: 'field', letter, form: forms[letter] ?? name, width: Number(padding ?? 0) })
  }
  return tokens
}

/** Makes a reader of the setting `log_line_prefix` (manual, "Error Reporting and Logging"). */
export function prefixReader(prefix: string, zone: string | null): PrefixReader {
  const tokens = tokensOf(prefix)
  return (text) => {
    const found = new Map<string, string>()
    if (!fits(tokens, text, found)) return null
    const [exact, epoch, seconds, pid] = ['m', 'n', 't', 'p'].map((letter) => found.get(letter))
    const stamped = exact ?? seconds
    return {
      atMs:
        exact === undefined && epoch !== undefined
          ? epochOf(epoch)
          : stamped === undefined
            ? null
            : timeOf(stamped, zone),
      pid: pid === undefined ? null : Number(pid),
      code: codeOrNull(found.get('e')),
      role: nameOrNull(found.get('u')),
      database: nameOrNull(found.get('d')),
      application: nameOrNull(found.get('a')),
    }
  }
}

/**
 * Is the text what the tokens write, from beginning to end? Names may hold anything, so several ways are tried, the shortest
 * name first; no place twice, because a hostile name would otherwise cost minutes.
 */
function fits(tokens: readonly Token[], text: string, found: Map<string, string>): boolean {
  let failed: Set<number> | null = null
  const from = (index: number, at: number): boolean => {
    const token = tokens[index]
    if (!token) return at === text.length
    const place = index * 4096 + at
    if (failed?.has(place)) return false
    const ok = step(token, index, at)
    if (!ok) (failed ??= new Set()).add(place)
    return ok
  }
  const step = (token: Token, index: number, at: number): boolean => {
    if (token.kind === 'text') return text.startsWith(token.text, at) && from(index + 1, at + token.text.length)
    if (token.kind === 'stop') return at === text.length || from(index + 1, at)
    const { letter, form, width } = token
    const accept = (end: number, written: string): boolean => {
      if (!from(index + 1, end)) return false
      found.set(letter, written)
      return true
    }
    const filled = at + Math.abs(width)
    if (width !== 0 && filled <= text.length) {
      const padded = text.slice(at, filled)
      const written = width < 0 ? padded.trimEnd() : padded.trimStart()
      if (isWhole(form, written) && accept(filled, written)) return true
    }
    if ('pattern' in form) {
      form.pattern.lastIndex = at
      const written = form.pattern.exec(text)?.[0]
      return written !== undefined && at + written.length >= filled && accept(at + written.length, written)
    }
    const next = tokens[index + 1]
    for (let end = filled; end <= Math.min(text.length, at + form.most); end += 1) {
      if (next?.kind === 'text') {
        end = text.indexOf(next.text, end)
        if (end < 0 || end > at + form.most) return false
      }
      if (accept(end, text.slice(at, end))) return true
    }
    return false
  }
  return text.length < 4096 && from(0, 0)
}

/** Is all of the text what the form writes? */
function isWhole(form: Form, text: string): boolean {
  if (!('pattern' in form)) return true
  form.pattern.lastIndex = 0
  return form.pattern.exec(text)?.[0] === text
}

/** For lines of another prefix than the one that we know: the time and nothing that one could mistake. */
export function anyPrefix(zone: string | null): PrefixReader {
  const time = new RegExp(String.raw`${stamp}(?:\.\d{3})? ${zoneWord}(?=[^\w]|$)`)
  return (text) => {
    const at = time.exec(text)?.[0]
    const pid = /\[(\d{1,10})(?:-\d+)?\]/.exec(text)?.[1]
    return {
      atMs: at === undefined ? null : timeOf(at, zone),
      pid: pid === undefined ? null : Number(pid),
      code: null,
      role: null,
      database: null,
      application: null,
    }
  }
}
