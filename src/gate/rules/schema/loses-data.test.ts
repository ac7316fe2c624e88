import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './loses-data.ts'

const run = async (text: string) => [...rule.run(rehearsal({ results: await resultsOf({ name: 'm.sql', text }) }))]

test.each(['drop table a', 'truncate a', 'alter table a drop column b', 'delete from a', 'update a set b = 1'])(
  '%s is told, with its line',
  async (text) => {
    expect(await run(text)).toMatchObject([
      { object: 'primary:public.a', nodes: ['primary'], message: expect.stringContaining('m.sql:1') },
    ])
  },
)

test.each([
  'drop index a',
  'alter table a add column b int',
  'delete from a where b = 1',
  'update a set b = 1 where c',
  'select 1',
])('%s loses nothing', async (text) => {
  expect(await run(text)).toEqual([])
})
