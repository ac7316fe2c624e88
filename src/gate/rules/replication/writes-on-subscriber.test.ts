import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './writes-on-subscriber.ts'

async function run(text: string, touched: readonly string[]) {
  const results = await resultsOf({ name: 'm.sql', text: `-- antemortem:on subscriber\n${text}` })
  return [...rule.run(rehearsal({ results: results.map((result) => ({ ...result, touched })) }))]
}

test('rows that a change writes into a carried table of the subscriber are named with line and table', async () => {
  expect(await run('delete from users where id < 10', ['public.users'])).toMatchObject([
    { object: 'subscriber:public.users', nodes: ['subscriber'], message: expect.stringContaining('m.sql:2') },
  ])
})

test('a table of its own, and a definition of a carried one, are no finding', async () => {
  expect(await run('insert into notes values (1)', ['public.notes'])).toEqual([])
  expect(await run('alter table users add column note text', ['public.users'])).toEqual([])
})
