import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './loses-data.ts'

const run = async (text: string) => [...rule.run(rehearsal({ results: await resultsOf({ name: 'm.sql', text }) }))]

test.each([
  'drop table users',
  'truncate users',
  'alter table users drop column b',
  'delete from users',
  'update users set b = 1',
])('%s is told, with its line', async (text) => {
  expect(await run(text)).toMatchObject([
    { object: 'primary:public.users', nodes: ['primary'], message: expect.stringContaining('m.sql:1') },
  ])
})

test.each([
  'drop index users',
  'create temporary table moved (id int); drop table moved',
  'alter table users add column b int',
  'delete from users where b = 1',
  'update users set b = 1 where c',
  'select 1',
])('%s loses nothing', async (text) => {
  expect(await run(text)).toEqual([])
})
