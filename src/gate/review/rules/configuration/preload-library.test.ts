import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './preload-library.ts'

test.each([
  [
    `shared_preload_libraries = 'pg_stat_statements, pg_nothing'
`,
    { file: 'postgresql.conf', cluster: {}, extensions: { primary: ['pg_cron'] } },
    ['error primary:shared_preload_libraries @ primary'],
  ],
  [
    `shared_preload_libraries = 'pg_nothing'
`,
    { file: 'postgresql.conf' },
    ['warning primary:shared_preload_libraries @ primary'],
  ],
])('%j: a library that is not installed is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `shared_preload_libraries = 'pg_stat_statements,auto_explain'
`,
    { file: 'postgresql.conf' },
    [],
  ],
  [
    `shared_preload_libraries = 'pg_cron'
`,
    { file: 'postgresql.conf', cluster: {}, extensions: { primary: ['pg_cron'] } },
    [],
  ],
  [
    `shared_preload_libraries = 'own'
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { shared_preload_libraries: 'own' } } } },
    [],
  ],
])(
  '%j: what comes with the server, and what is loaded or installed already, is well',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)
