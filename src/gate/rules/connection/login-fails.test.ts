import { expect, test } from 'vitest'
import type { LoginTry } from '../../logins.ts'
import { login, rehearsal } from '../../testing/rehearsal.ts'
import rule from './login-fails.ts'

const failure = (code: string, layer: NonNullable<LoginTry['failure']>['layer'], message: string) => ({
  failure: { code, layer, message, remedy: 'Mend it.' },
})
const run = (
  after: Partial<LoginTry>,
  more: Partial<Parameters<typeof rehearsal>[0]> = {},
  before: Partial<LoginTry> = {},
) => [...rule.run(rehearsal({ logins: { before: [login(before)], after: [login(after)] }, ...more }))]

test('a login that may not log in is the role, one that may not connect the database, one that may not read the table', () => {
  const found = [
    run(failure('28000', 'auth', 'role "app" is not permitted to log in')),
    run(failure('42501', 'database', 'permission denied for database "auth"')),
    run(failure('42501', 'role', 'permission denied for table users')),
  ]
  expect(found).toMatchObject([
    [{ object: 'primary:role app', consequence: 'connection/credentials' }],
    [{ object: 'primary:database auth', consequence: 'connection/credentials' }],
    [{ object: 'primary:public.users', consequence: 'application/error', about: ['public.users'] }],
  ])
})

test('a table that is not found under another search path is the setting, not the table', () => {
  const roleSettings = [{ role: 'app', database: null, name: 'search_path', value: 'elsewhere' }]
  const found = run(failure('42P01', 'query', 'relation "users" does not exist'), {
    was: { primary: { settings: { search_path: 'public' } } },
    is: { primary: { settings: { search_path: 'public' }, roleSettings } },
  })
  expect(found).toMatchObject([{ object: 'primary:role app search_path', consequence: 'connection/role-settings' }])
})

test('a login that failed before the change, or whose server is down, is no finding of this rule', () => {
  const gone = failure('28P01', 'auth', 'password authentication failed')
  expect(run(gone, {}, gone)).toEqual([])
  expect(run(gone, { starts: [{ node: 'primary', failure: 'FATAL', refuses: null, fileErrors: [] }] })).toEqual([])
  expect(run({})).toEqual([])
})
