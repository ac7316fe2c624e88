import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './pool-mode.ts'

test.each([
  [
    `[pgbouncer]
pool_mode = transaction
`,
    { file: 'pgbouncer.ini' },
    ['warning pgbouncer.ini#pool_mode @ primary'],
  ],
])('%j: sessions that are handed on are told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `pool_mode = session
`,
    { file: 'pgbouncer.ini' },
    [],
  ],
  [
    `pool_mode = transaction
max_prepared_statements = 200
`,
    { file: 'pgbouncer.ini' },
    [],
  ],
])(
  '%j: sessions that are kept, and a pooler that keeps prepared statements, are well',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)
