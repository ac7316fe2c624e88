import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './durability-off.ts'

test.each([
  [
    `fsync = off
`,
    { file: 'postgresql.conf' },
    ['error primary:fsync @ primary'],
  ],
  [
    `zero_damaged_pages = on
`,
    { file: 'postgresql.conf' },
    ['error primary:zero_damaged_pages @ primary'],
  ],
  [
    `autovacuum = no
`,
    { file: 'postgresql.conf' },
    ['error primary:autovacuum @ primary'],
  ],
])('%j: what keeps rows through a crash is told when it goes off', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `fsync = on
full_page_writes = true
autovacuum = 1
`,
    { file: 'postgresql.conf' },
    [],
  ],
])('%j: on is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
