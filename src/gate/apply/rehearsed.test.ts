import { expect, test } from 'vitest'
import { changeDigest } from './rehearsed.ts'

const digest = (...files: readonly (readonly [string, string])[]): string =>
  changeDigest(
    files.map(([name, text]) => ({ name, text })),
    (text) => text,
  )

test.each([
  [
    'a comment that was edited after the rehearsal',
    digest(['a.sql', 'select 1 -- one']),
    digest(['a.sql', 'select 1 -- two']),
  ],
  ['another order of the files', digest(['a.sql', 'a'], ['b.sql', 'b']), digest(['b.sql', 'b'], ['a.sql', 'a'])],
  ['the same text in another file of a server', digest(['a.conf', 'a']), digest(['pg_hba.conf', 'a'])],
])('%s makes another change', (_, one, other) => {
  expect(one).not.toBe(other)
})

test('under another name of the same kind it is the same change', () => {
  expect(digest(['a.sql', 'select 1'])).toBe(digest(['b/c.sql', 'select 1']))
})
