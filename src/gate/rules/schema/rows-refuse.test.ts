import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './rows-refuse.ts'

async function run(rows: number | null) {
  const [result] = await resultsOf({ name: 'm.sql', text: 'alter table users alter column note set not null' })
  if (!result) throw new Error('a statement was given')
  const probe = {
    statement: { ...result.statement, n: 0, nodes: ['primary'], isNew: true, inBlock: false },
    node: 'primary',
    table: 'public.users',
    rows,
    most: 1000,
    what: 'note is null',
    look: 'select …',
    detail: null,
  }
  return [...rule.run(rehearsal({ probes: [probe] }))]
}

test('rows of production that refuse a statement are counted', async () => {
  expect(await run(3)).toMatchObject([{ object: 'primary:public.users', message: expect.stringContaining('3 rows') }])
})

test('none, and a question without an answer, are no finding', async () => {
  expect(await run(0)).toEqual([])
  expect(await run(null)).toEqual([])
})
