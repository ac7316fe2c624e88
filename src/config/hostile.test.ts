import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AntemortemError } from '../core/error.ts'
import { readConfig } from './read.ts'

function refusal(text: string): string {
  try {
    readConfig(text, 'c.yaml', { checks: [] })
  } catch (error) {
    if (error instanceof AntemortemError) return error.message
    throw error
  }
  throw new Error('was read, and should have been refused')
}

const laughs = `a: &a [x,x,x,x,x,x,x,x,x]
${'bcdefghi'
  .split('')
  .map((letter, n) => {
    const before = `*${'abcdefgh'[n]}`
    return `${letter}: &${letter} [${Array.from({ length: 9 }, () => before).join(',')}]`
  })
  .join('\n')}
`

describe('a hostile file is refused with a clear word, in time', () => {
  test.each([
    ['aliases that multiply', laughs, 'aliases that multiply'],
    ['a huge file', `# ${'x'.repeat(300_000)}`, 'more than a configuration has'],
    ['a binary file', 'clusters:\n  \0\x01ELF', 'c.yaml:2:3: not a text file'],
    ['bytes that are no UTF-8', Buffer.from([0x63, 0x3a, 0x20, 0xff, 0xfe]).toString('utf8'), 'not a text file'],
    ['tabs', 'clusters:\n\ta: 1\n', 'c.yaml:2:1: Tabs'],
    [
      'a key given twice',
      'clusters: {}\nstore: a\nclusters: {}\n',
      "c.yaml:3:1: key 'clusters' stands here again (first on line 1)",
    ],
    ['a tag that makes objects', 'clusters: !!js/function "x"\n', 'c.yaml:1:11: Unresolved tag'],
    ['several documents', 'a: 1\n---\nb: 2\n', 'c.yaml:2:1: a second document'],
    ['brackets without end', '['.repeat(200_000), 'nested too deeply'],
    ['nesting without end', '[\n '.repeat(40_000), ''],
    ['keys by the thousand', Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n'), "unknown key 'k0'"],
    [
      'names of the language itself',
      'clusters: { __proto__: { polluted: 1 }, constructor: 5 }\n__proto__: { a: 1 }\n',
      'unknown key',
    ],
  ])('%s', (_, text, words) => {
    const started = performance.now()
    const message = refusal(text)
    expect(message).toContain(words)
    expect(message.length).toBeLessThan(6_000)
    expect(performance.now() - started).toBeLessThan(15_000)
    expect({}).not.toHaveProperty('polluted')
  })
})

describe('a password in the file', () => {
  const password = fc.stringMatching(/^[A-Za-z0-9!%+_.~-]{6,20}$/).map((text) => `Qz${text}zQ`)
  const forms: readonly (readonly [string, (password: string) => string])[] = [
    ['in a URL', (p) => `clusters:\n  a:\n    engine: postgres\n    nodes: { p: { url: "postgres://u:${p}@h/db" } }\n`],
    [
      'in keyword form',
      (p) => `clusters:\n  a:\n    engine: postgres\n    nodes: { p: { url: "host=h password=${p}" } }\n`,
    ],
    [
      'as a parameter',
      (p) =>
        `clusters:\n  a:\n    engine: postgres\n    nodes: { p: { url: "postgres://h/d?user=u&password=${p}" } }\n`,
    ],
    [
      'in a comment',
      (p) =>
        `clusters:\n  a:\n    engine: postgres\n    # postgres://u:${p}@h/db\n    nodes: { p: { url: "env:P" } }\n`,
    ],
    [
      'under a key of its own',
      (p) => `clusters:\n  a:\n    engine: postgres\n    nodes: { p: { url: "env:P", password: "${p}" } }\n`,
    ],
    [
      'beside a broken line',
      (p) => `clusters:\n  a: [\n    engine: postgres\n    nodes: { p: { url: "postgres://u:${p}@h/db" } }\n`,
    ],
  ]

  test.each(forms)('%s is refused with its line, and never printed', (_, form) => {
    fc.assert(
      fc.property(password, (secret) => {
        const message = refusal(form(secret))
        expect(message).toContain('c.yaml:4:')
        expect(message).not.toContain(secret)
      }),
      { numRuns: 40 },
    )
  })

  test('is told how to move it', () => {
    expect(refusal(forms[0]?.[1]('s3cret-canary') ?? '')).toMatch(
      /c\.yaml:4:24: clusters\.a\.nodes\.p\.url: a password .*env:NAME.*pgpass/,
    )
  })
})
