import { expect, test } from 'vitest'
import type { LoginTry } from '../../logins.ts'
import { login, rehearsal } from '../../testing/rehearsal.ts'
import rule from './other-table.ts'

const run = (tables: LoginTry['tables'], more: Partial<LoginTry> = {}) => [
  ...rule.run(rehearsal({ logins: { before: [login()], after: [login({ tables, ...more })] } })),
]

test('a name that leads to a table of another schema is told with both', () => {
  expect(run([{ name: 'users', schema: 'old', oid: 2 }])).toMatchObject([
    { object: 'primary:old.users', message: expect.stringContaining('schema old for new sessions of app') },
  ])
})

test('the same table in another schema, a new one in its place, and a login that fails are no finding', () => {
  expect(run([{ name: 'users', schema: 'auth', oid: 1 }])).toEqual([])
  expect(run([{ name: 'users', schema: 'public', oid: 2 }])).toEqual([])
  expect(run([{ name: 'users', schema: null, oid: null }])).toEqual([])
  expect(run([])).toEqual([])
})
