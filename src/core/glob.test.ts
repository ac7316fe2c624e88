import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesGlob } from './glob.ts'

test.each([
  ['replication/*', 'replication/lag-time', true],
  ['*/lag-*', 'replication/lag-time', true],
  ['*', '', true],
  ['replication/lag-time', 'replication/lag-time', true],
  ['replication/lag', 'replication/lag-time', false],
  ['a*a', 'a', false],
  ['a*b*c', 'a-c-b', false],
  ['custom/a.b', 'custom/axb', false],
])('%j of %j: %j', (pattern, word, fits) => expect(matchesGlob(pattern, word)).toBe(fits))

test('a pattern made of a word fits it, and a long one ends in time', () => {
  fc.assert(
    fc.property(fc.array(fc.string().filter((part) => !part.includes('*'))), (parts) => {
      expect(matchesGlob(parts.join('*'), parts.join('x'))).toBe(true)
    }),
  )
  expect(matchesGlob(`${'*a'.repeat(200)}*b`, 'a'.repeat(5_000))).toBe(false)
})
