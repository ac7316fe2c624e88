/** A constant that a PHP file defines, and where its value stands. */
export interface PhpConstant {
  readonly name: string
  /** null: it is computed, and not known without running the file. */
  readonly value: string | null
  readonly from: number
  readonly to: number
}

interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'sign'
  readonly text: string
  /** Of a string without variables. */
  readonly value: string | null
  readonly from: number
  readonly to: number
}

const skipped = /\s+|\/\/[^\r\n]*?(?=\?>|[\r\n]|$)|#(?!\[)[^\r\n]*?(?=\?>|[\r\n]|$)|\/\*[\s\S]*?(?:\*\/|$)/y
const heredoc = /<<<[ \t]*(["']?)([A-Za-z_]\w*)\1\r?\n[\s\S]*?^[ \t]*\2\b/my
const pieces: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y],
  ['number', /\d[\w.]*/y],
  ['word', /\\?[A-Za-z_\u0080-\uffff][\w\u0080-\uffff\\]*/y],
]

/** What is PHP in the file, as its own scanner would cut it; what stands outside of `<?php` is passed over. */
function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  const read = (pattern: RegExp, at: number): string | null => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0] ?? null
  }
  const open = /<\?(?:php\b|=)/gi
  for (let tag = open.exec(text); tag; tag = open.exec(text)) {
    let at = tag.index + tag[0].length
    while (at < text.length && !text.startsWith('?>', at)) {
      const blank = read(skipped, at) ?? read(heredoc, at)
      if (blank) {
        at += blank.length
        continue
      }
      const found = pieces
        .map(([kind, pattern]) => [kind, read(pattern, at)] as const)
        .find(([, word]) => word !== null)
      const [kind, word] = [found?.[0] ?? 'sign', found?.[1] ?? text[at] ?? '']
      tokens.push({ kind, text: word, value: kind === 'string' ? valueOf(word) : null, from: at, to: at + word.length })
      at += word.length
    }
    open.lastIndex = at
  }
  return tokens
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', v: '\v', f: '\f', e: '\x1b' }

/** null: a string with variables in it. */
function valueOf(literal: string): string | null {
  const inside = literal.slice(1, -1)
  if (literal.startsWith("'")) return inside.replace(/\\([\\'])/g, '$1')
  if (/(?:^|[^\\])(?:\\\\)*(?:\$[A-Za-z_{]|\{\$)/.test(inside)) return null
  return inside.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-f]{1,2})|u\{([0-9a-f]{1,6})\}|([nrtvfe\\$"]))/gi,
    (whole, octal?: string, hex?: string, point?: string, letter?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
      const code = Number.parseInt(hex ?? point ?? '', 16)
      if (hex !== undefined || point !== undefined) return code > 0x10ffff ? whole : String.fromCodePoint(code)
      return escapes[letter ?? ''] ?? letter ?? whole
    },
  )
}

/** Every `define('NAME', …)` and `const NAME = …` of a PHP file, in its order. Nothing of it is run. Pure. */
export function phpConstants(text: string): readonly PhpConstant[] {
  const tokens = tokensOf(text)
  const is = (n: number, sign: string): boolean => tokens[n]?.kind === 'sign' && tokens[n].text === sign
  return tokens.flatMap(({ kind, text: word }, n): PhpConstant[] => {
    if (kind !== 'word') return []
    if (/^\\?define$/i.test(word) && is(n + 1, '(') && is(n + 3, ',')) {
      const name = tokens[n + 2]?.value
      return name === undefined || name === null ? [] : [constant(name, n + 4, [')', ','])]
    }
    const name = tokens[n + 1]
    if (/^const$/i.test(word) && name?.kind === 'word' && is(n + 2, '='))
      return [constant(name.text, n + 3, [';', ','])]
    return []
  })

  /** One literal, and then the end: anything else is computed, up to the end of its expression. */
  function constant(name: string, at: number, ends: readonly string[]): PhpConstant {
    let last = at
    for (let depth = 0; last < tokens.length; last += 1) {
      if (depth === 0 && ends.some((end) => is(last, end))) break
      depth += is(last, '(') || is(last, '[') ? 1 : is(last, ')') || is(last, ']') ? -1 : 0
    }
    const first = tokens[at]
    const place = { from: first?.from ?? text.length, to: tokens[last - 1]?.to ?? text.length }
    if (!first || last !== at + 1) return { name, value: null, ...place }
    const isConstant = first.kind === 'number' || /^(?:true|false|null)$/i.test(first.text)
    return { name, value: first.kind === 'string' ? first.value : isConstant ? first.text : null, ...place }
  }
}
