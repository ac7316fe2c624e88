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
  [
    `[pgbouncer]
pool_mode = transaction
`,
    { file: 'pgbouncer.ini', before: '[pgbouncer]\npool_mode = transaction\nmax_prepared_statements = 100\n' },
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
  [
    `[pgbouncer]
max_prepared_statements = 200
pool_mode = transaction
`,
    { file: 'pgbouncer.ini', before: '[pgbouncer]\nmax_prepared_statements = 200\n' },
    [],
  ],
  [
    `[pgbouncer]
pool_mode = transaction
default_pool_size = 20
`,
    { file: 'pgbouncer.ini', before: '[pgbouncer]\npool_mode = transaction\n' },
    [],
  ],
])(
  '%j: sessions that are kept, and a pooler that keeps prepared statements, are well',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)
