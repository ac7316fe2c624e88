import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyPrefix, prefixReader } from './prefix.ts'

const at = Date.parse('2026-03-05T09:04:00.123Z')

test.each([
  ['%m [%p] ', '2026-03-05 09:04:00.123 UTC [42] '],
  ['%m [%p] %q%u@%d ', '2026-03-05 10:04:00.123 CET [42] app@auth '],
  ['%m [%p] %e %q%u@%d/%a ', '2026-03-05 09:04:00.123 UTC [42] 42P01 app@auth/login-1 '],
  ['%n [%p] %q%r %h ', '1772701440.123 [42] 10.0.0.1(5432) 10.0.0.1 '],
  ['%m %-8p|%8u|', '2026-03-05 14:34:00.123 +0530 42      |     app|'],
  ['%m:%r:%u@%d:[%p]:', '2026-03-05 09:04:00.123 UTC:10.0.0.1(5432):app@auth:[42]:'],
  [
    '<%m,%p,%c,%l,%i,%b,%v,%x,%P,%L,%s,%Q,100%%>',
    '<2026-03-05 09:04:00.123 UTC,42,69.2a,7,SELECT,client backend,3/12,0,,127.0.0.1,2026-03-05 09:00:00 UTC,-12,100%>',
  ],
  ['%m%z [%p]', '2026-03-05 09:04:00.123 UTC [42]'],
])('the prefix %j is read back', (prefix, text) => {
  const fields = prefixReader(prefix, null)(text)
  expect(fields).toMatchObject({ atMs: at, pid: 42 })
  expect(fields?.role).toBe(/%8?u/.test(prefix) ? 'app' : null)
})

test('a background process stops at %q, and a session without a name has none', () => {
  const read = prefixReader('%m [%p] %q%u@%d/%a ', null)
  expect(read('2026-03-05 09:04:00.123 UTC [42] ')).toMatchObject({ pid: 42, role: null, application: null })
  expect(read('2026-03-05 09:04:00.123 UTC [42] [unknown]@[unknown]/[unknown] ')).toMatchObject({
    role: null,
    database: null,
    application: null,
  })
})

test('a text of another prefix is refused, and its time and process are found all the same', () => {
  const text = '2026-03-05 09:04:00.123 UTC [42] app@auth '
  expect(prefixReader('%m [%p] ', null)(text)).toBeNull()
  expect(anyPrefix(null)(text)).toMatchObject({ atMs: at, pid: 42, role: null })
})

/** Values as the server writes them; between them a separator that stands in none of them. */
const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
  m: fc.constant('2026-03-05 09:04:00.123 UTC'),
  p: fc.integer({ min: 1, max: 4_194_304 }).map(String),
  e: fc.constantFrom('42P01', '00000', 'XX001'),
  u: fc.stringMatching(/^[a-z@/ ]{0,20}$/),
  d: fc.stringMatching(/^[a-z-]{0,20}$/),
  a: fc.stringMatching(/^[A-Za-z0-9 :@/[\]-]{0,40}$/),
  h: fc.ipV4(),
  r: fc.tuple(fc.ipV4(), fc.nat(65_535)).map(([host, port]) => `${host}(${port})`),
  v: fc.constantFrom('', '3/12', '-1/0'),
  x: fc.nat().map(String),
  l: fc.nat().map(String),
  b: fc.constantFrom('client backend', 'logical replication apply worker'),
  c: fc.constant('69a95c00.2a'),
}

const letters = fc.uniqueArray(fc.constantFrom(...Object.keys(values)), { minLength: 1, maxLength: 8 })
const paddings = fc.constantFrom('', '5', '-5', '-20')

test('any prefix of the known escapes is read back, with padding and with separators of every kind', () => {
  fc.assert(
    fc.property(
      letters.chain((kinds) =>
        fc.record({
          kinds: fc.constant(kinds),
          paddings: fc.array(paddings, { minLength: kinds.length, maxLength: kinds.length }),
          texts: fc.tuple(...kinds.map((kind) => values[kind] ?? fc.constant(''))),
          separator: fc.constantFrom('|', ' ~ ', ';', '*', ' ^^ ', '\\', ' %% ', '}{', '$'),
        }),
      ),
      ({ kinds, paddings: padded, texts, separator }) => {
        const prefix = kinds.map((kind, n) => `%${padded[n] ?? ''}${kind}${separator}`).join('')
        const written = texts
          .map((text, n) => {
            const width = Number(padded[n])
            return width < 0 ? text.padEnd(-width) : text.padStart(width)
          })
          .map((text) => text + separator.replace('%%', '%'))
          .join('')
        const fields = prefixReader(prefix, null)(written)
        expect(fields).not.toBeNull()
        const told = (kind: string): string | null => texts[kinds.indexOf(kind)] ?? null
        const orNull = (text: string | null, nothing: string): string | null => (text === nothing ? null : text)
        expect(fields).toMatchObject({
          atMs: kinds.includes('m') ? at : null,
          pid: kinds.includes('p') ? Number(told('p')) : null,
          database: orNull(told('d'), ''),
          code: orNull(told('e'), '00000'),
        })
      },
    ),
    { numRuns: 300 },
  )
})

test('whatever a setting and a line hold, reading ends in time', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('%', 'u', 'a', 'd', 'q', '@', '-', '9', ' ', '(', '\\') }),
      fc.string(),
      (prefix, text) => {
        prefixReader(prefix, null)(text)
      },
    ),
  )
  const startedAt = performance.now()
  const read = prefixReader('%u@%d/%a %u@%d ', null)
  for (let n = 0; n < 100; n += 1) read('@/ '.repeat(200))
  expect(performance.now() - startedAt).toBeLessThan(5000)
})
