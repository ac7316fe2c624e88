import { beforeEach, expect, test } from 'vitest'
import type { JournalEntry } from '../../core/plan.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { rebuildPlan, Rebuilding } from './testing/rebuilding.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

const one = async (node: string, sql: string): Promise<unknown> =>
  Object.values((await lab.rows(node, sql))[0] ?? {})[0]
const failures = (entries: readonly JournalEntry[]): readonly unknown[] =>
  entries.filter(({ phase }) => phase !== 'done').map(({ output }) => output['error'])

/** A page is damaged while the server is down, and the subscriber counts that as an error. */
async function damaged(): Promise<unknown> {
  await lab.damage('primary', 'orders', { page: 2, offset: 1024, length: 3000 })
  await lab.caughtUp()
  return applyErrors()
}

const applyErrors = async (): Promise<unknown> =>
  one('reports', `select sum(apply_error_count + sync_error_count)::int from pg_stat_subscription_stats`)
const published = async (): Promise<readonly unknown[]> =>
  (await lab.rows('primary', `select distinct tablename from pg_publication_tables order by 1`)).map(
    (row) => row['tablename'],
  )
const ours = async (node: string): Promise<readonly unknown[]> =>
  lab.rows(
    node,
    `select relname, relpersistence::text as kept from pg_class where relname ~ '_(rebuilt|damaged)_[^_]*$' and relkind = 'r'`,
  )
const onReports = async (sql: string): Promise<unknown> => {
  await lab.caughtUp()
  return one('reports', sql)
}

const publications = [
  { what: 'for all tables', create: 'create publication every_pub for all tables' },
  { what: 'for tables in schema', create: 'create publication every_pub for tables in schema public' },
]

test.each(publications)(
  '$what: the subscriber is sent no row of the copy, goes on without an error, and its refresh finds no table of ours',
  async ({ create }) => {
    await lab.rows('primary', create)
    await lab.rows('reports', 'alter subscription reports_sub set publication every_pub with (copy_data = false)')
    await lab.caughtUp()
    const received = await onReports('select count(*)::int from orders')
    const errors = await damaged()
    await using rebuilding = await Rebuilding.in(lab)
    const plan = await rebuildPlan(lab, 'orders', {
      copies: [
        { node: 'standby', subscription: null },
        { node: 'reports', subscription: 'reports_sub' },
      ],
    })
    expect(plan.refusals).toEqual([])
    expect(plan.steps.map(({ kind }) => kind)).not.toContain('twin-log')
    // Written in the midst of it: the copy must be mended by rows that nobody is sent twice.
    const some = plan.steps.filter(
      ({ kind }) => kind !== 'table-swap' && kind !== 'keys-validate' && kind !== 'copy-compare',
    )
    await rebuilding.apply({ ...plan, steps: some })
    await lab.rows(
      'primary',
      `insert into orders (user_id, amount) values (1, 11); update orders set amount = 12 where id = 2000`,
    )
    const swap = { ...plan, id: 'rebuild-2', steps: plan.steps.filter((step) => !some.includes(step)) }
    const done = await rebuilding.apply(swap)
    expect(failures(done)).toEqual([])
    expect(done[0]?.output).toMatchObject({ replaced: 2, rows: 2001, unreadable_blocks: 1 })
    expect(await published()).toEqual(['orders', 'sessions', 'users'])
    expect(await ours('primary')).toEqual([{ relname: expect.stringMatching('^orders_damaged_'), kept: 'u' }])
    await lab.rows('reports', 'alter subscription reports_sub refresh publication')
    await lab.rows('primary', `insert into orders (user_id, amount) values (2, 22); delete from orders where id = 1000`)
    expect(await onReports('select count(*)::int from orders')).toBe(Number(received) + 1)
    expect(await one('reports', 'select count(*)::int from orders where amount = 12 and id = 2000')).toBe(1)
    expect(await applyErrors()).toBe(errors)
    expect(await one('standby', 'select count(*)::int from orders')).toBe(2001)
  },
)

test('undone under a publication for all tables, the rows that could be read are back, and the subscriber does not notice', async () => {
  await lab.rows('primary', 'create publication every_pub for all tables')
  await lab.rows('reports', 'alter subscription reports_sub set publication every_pub with (copy_data = false)')
  await lab.caughtUp()
  const errors = await damaged()
  await using rebuilding = await Rebuilding.in(lab)
  const plan = await rebuildPlan(lab, 'orders')
  expect(failures(await rebuilding.apply(plan))).toEqual([])
  expect(failures(await rebuilding.undo(plan))).toEqual([])
  const left = Number(await one('primary', 'select count(*)::int from orders'))
  expect(left).toBeLessThan(2000)
  expect(left).toBeGreaterThan(1500)
  expect(await ours('primary')).toEqual([])
  await lab.rows('primary', `insert into orders (user_id, amount) values (3, 33)`)
  expect(await onReports('select count(*)::int from orders')).toBe(2001)
  await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  expect(await applyErrors()).toBe(errors)
})

test('where the publication names the table, the rebuilt one takes its place in it, and changes go on arriving', async () => {
  const errors = await damaged()
  await using rebuilding = await Rebuilding.in(lab)
  const plan = await rebuildPlan(lab, 'orders', { copies: [{ node: 'reports', subscription: 'reports_sub' }] })
  expect(failures(await rebuilding.apply(plan))).toEqual([])
  expect(await published()).toEqual(['orders', 'sessions', 'users'])
  await lab.rows(
    'primary',
    `insert into orders (user_id, amount) values (4, 44); update orders set amount = 45 where id = 1`,
  )
  expect(await onReports('select count(*)::int from orders')).toBe(2001)
  expect(await one('reports', 'select count(*)::int from orders where amount = 45 and id = 1')).toBe(1)
  await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  expect(await onReports('select count(*)::int from orders')).toBe(2001)
  expect(await applyErrors()).toBe(errors)
})

test('while somebody writes all the time, no write that was acknowledged is lost, and subscriber and standby have each once', async () => {
  await lab.rows('primary', 'create publication every_pub for all tables')
  await lab.rows('reports', 'alter subscription reports_sub set publication every_pub with (copy_data = false)')
  await damaged()
  await using writer = await lab.session('primary', 'a-writer')
  let writes = 0
  const over = new AbortController()
  const writing = (async () => {
    while (!over.signal.aborted) {
      await writer.rows(`insert into orders (user_id, amount) values (9, 99)`)
      await writer.rows(`update orders set amount = amount + 1 where id = 2000 - ${writes} % 50`)
      writes += 1
    }
  })()
  await using rebuilding = await Rebuilding.in(lab)
  const plan = await rebuildPlan(lab, 'orders', {
    copies: [
      { node: 'standby', subscription: null },
      { node: 'reports', subscription: 'reports_sub' },
    ],
  })
  const done = await rebuilding.apply(plan)
  over.abort()
  await writing
  expect(failures(done)).toEqual([])
  expect(writes).toBeGreaterThan(50)
  await lab.caughtUp()
  const sums = `select count(*) || '/' || sum(amount) || '/' || sum(hashtextextended(t::text, 0)) from orders t`
  const [primary, standby, reports] = [
    await one('primary', sums),
    await one('standby', sums),
    await one('reports', sums),
  ]
  expect(await one('primary', 'select count(*)::int from orders where user_id = 9 and amount = 99')).toBe(writes)
  expect(standby).toBe(primary)
  expect(reports).toBe(primary)
})
