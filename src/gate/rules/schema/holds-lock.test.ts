import { expect, test } from 'vitest'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './holds-lock.ts'

async function run(text: string, rows: number, rewrites = false) {
  const results = await resultsOf({ name: 'm.sql', text })
  const lock = { node: 'primary', object: 'public.orders', mode: 'ShareLock', heldMs: 1, rewrites }
  const held = results.map((result) => ({ ...result, locks: [lock] }))
  return [...rule.run(rehearsal({ results: held, rows: new Map([['public.orders', rows]]) }))]
}

test('an index on a large table keeps writers out, for a time that is an estimate with its basis', async () => {
  expect(await run('create index on orders (user_id)', 1_000_000)).toMatchObject([
    {
      object: 'primary:public.orders',
      severity: 'warning',
      message: expect.stringMatching(/3\.9 s, estimated by 390 ms/),
    },
  ])
})

test('a table of millions that is written anew is an error', async () => {
  expect(await run('alter table orders add column tag uuid default gen_random_uuid()', 5_000_000, true)).toMatchObject([
    { severity: 'error', message: expect.stringContaining('written anew') },
  ])
})

test('a reference that is checked at once looks at every row, one that is not valid yet at none', async () => {
  const add = 'alter table orders add constraint u foreign key (user_id) references users (id)'
  expect(await run(add, 200_000)).toHaveLength(1)
  expect(await run(`${add} not valid`, 200_000)).toEqual([])
})

test('a small table, and a column without a value, are no finding', async () => {
  expect(await run('create index on orders (user_id)', 1000)).toEqual([])
  expect(await run('alter table orders add column note text', 5_000_000)).toEqual([])
})

test('a table that was never counted is said to be so', async () => {
  expect(await run('create index on orders (user_id)', -1)).toMatchObject([
    { message: expect.stringContaining('nobody has counted') },
  ])
})
