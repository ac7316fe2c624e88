import { expect, test } from 'vitest'
import { login, rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './database-closed.ts'

const run = async (text: string) => [
  ...rule.run(
    rehearsal({ results: await resultsOf({ name: 'm.sql', text }), logins: { before: [login()], after: [] } }),
  ),
]

test('a database with another name, or that takes no connections, is named with its contracts', async () => {
  expect(await run('alter database auth rename to login')).toMatchObject([
    { object: 'primary:database auth', consequence: 'connection/settings-changed' },
  ])
  expect(await run('alter database auth allow_connections false')).toMatchObject([
    { object: 'primary:database auth', message: expect.stringContaining('contract login') },
  ])
})

test('a database that is opened, and a table with another name, are no finding', async () => {
  expect(await run('alter database auth allow_connections true')).toEqual([])
  expect(await run('alter table users rename to people')).toEqual([])
})
