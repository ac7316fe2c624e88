import { expect, test } from 'vitest'
import { defaultsIn } from './uncopied.ts'

test('default privileges on tables and schemas are known by their names, wherever they hold', () => {
  const named = [
    'default privileges of owner on tables',
    'default privileges of "on tables" on tables in app',
    'default privileges of owner on schemas',
    'default privileges of owner on sequences in app',
    'table public.users',
  ]
  expect(defaultsIn(named.map((what) => ({ what })))).toEqual([
    { on: 'tables', schema: null },
    { on: 'tables', schema: 'app' },
    { on: 'schemas', schema: null },
  ])
})
