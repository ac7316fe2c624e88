import { readFileSync, writeFileSync } from 'node:fs'
import { beforeEach, expect, test } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { fileOf, onFile, zeroPage } from '../../lab/damaged-file.ts'
import { testLab } from '../../lab/testing.ts'
import { rebuildPlan, Rebuilding } from './testing/rebuilding.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

const oids = async (): Promise<unknown> =>
  lab.rows('primary', `select oid::text, relname from pg_class where relkind = 'r' and relname ~ '^orders' order by 2`)

test('a row that the damaged table still shows and the standby does not have ends the swap, and all is as it was', async () => {
  await lab.damage('primary', 'orders', { page: 5, offset: 2048, length: 2048 })
  await onFile(lab, 'standby', 'orders', zeroPage(2))
  const before = await oids()
  await using rebuilding = await Rebuilding.in(lab)
  const plan = await rebuildPlan(lab, 'orders')
  const done = await rebuilding.apply(plan)
  expect(done.at(-1)).toMatchObject({
    phase: 'failed',
    output: { effect: 'not-done', error: expect.stringMatching(/still shows \d+ rows that standby does not have/) },
  })
  expect(await lab.rows('primary', `select relname from pg_class where relname ~ '_damaged_'`)).toEqual([])
  await rebuilding.undo(plan)
  expect(await oids()).toEqual(before)
})

test('a row that both show and that differs ends it too, unless the plan was made for it', async () => {
  await lab.rows(
    'primary',
    `create table small (id int primary key, words text); insert into small values (1, 'wrong'), (2, 'two')`,
  )
  // With its hint bits set: else the first read of the old page would send it to the standby, in place of the right one.
  await lab.rows('primary', 'select * from small')
  await lab.rows('primary', 'checkpoint')
  const old = readFileSync(await fileOf(lab, 'primary', 'small'))
  await lab.rows('primary', `update small set words = 'right' where id = 1`)
  await lab.caughtUp()
  // A lost write: the page as it was before, whole and with a checksum that is right.
  await onFile(lab, 'primary', 'small', (path) => writeFileSync(path, old))
  expect(await lab.rows('primary', 'select words from small where id = 1')).toEqual([{ words: 'wrong' }])
  await using rebuilding = await Rebuilding.in(lab)
  const refused = await rebuilding.apply(await rebuildPlan(lab, 'small'))
  expect(refused.at(-1)?.output['error']).toContain('1 that it has otherwise')
  const chosen = await rebuildPlan(lab, 'small', {
    id: 'rebuild-2',
    chosen: true,
    known: { onlyHere: 0, otherwise: 1 },
  })
  const done = await rebuilding.apply(chosen)
  expect(done.at(-1)?.phase).toBe('done')
  expect(await lab.rows('primary', 'select words from small where id = 1')).toEqual([{ words: 'right' }])
})

test('a lock that somebody holds ends the swap after two seconds, and it is resumed', async () => {
  await using rebuilding = await Rebuilding.in(lab)
  const plan = await rebuildPlan(lab, 'sessions')
  await using other = await lab.session('primary', 'a-writer')
  await other.rows(`begin; update sessions set ended_at = now()`)
  const first = await rebuilding.apply(plan)
  expect(first.at(-1)).toMatchObject({
    phase: 'failed',
    output: { effect: 'not-done', error: expect.stringContaining('lock timeout') },
  })
  await other.rows('commit')
  const then = await rebuilding.resume(plan)
  expect(then.at(-1)?.phase).toBe('done')
  expect(await lab.rows('primary', 'select count(*)::int as n from sessions where ended_at is null')).toEqual([
    { n: 0 },
  ])
})

test('a report that reads for some seconds is waited for, and who writes a table that refers to it gets on', async () => {
  await using rebuilding = await Rebuilding.in(lab)
  const plan = await rebuildPlan(lab, 'users')
  await using reader = await lab.session('primary', 'a-report')
  await using writer = await lab.session('primary', 'a-writer')
  await reader.rows(`begin; select count(*) from users`)
  const applying = rebuilding.apply(plan)
  const held = `select from pg_locks where relation = 'users'::regclass and mode = 'AccessExclusiveLock' and not granted`
  await expect.poll(async () => lab.rows('primary', held), { timeout: 20_000, interval: 20 }).toHaveLength(1)
  const writing = writer.rows(`insert into orders (user_id, amount) values (1, 1); select 1 as done`)
  const given = (): number => lab.log('primary').split('canceling statement due to lock timeout').length - 1
  await expect.poll(given, { timeout: 20_000 }).toBeGreaterThan(1)
  await reader.rows('commit')
  const done = await applying
  expect(done.map(({ phase }) => phase)).not.toContain('failed')
  await writing
  expect(await lab.rows('primary', `select count(*)::int as n from orders`)).toEqual([{ n: 2001 }])
})

test('what hangs on a table and cannot be carried is named by the server, and nothing is begun', async () => {
  await lab.rows(
    'primary',
    `create materialized view spent as select user_id, sum(amount) from orders group by 1;
    create function first_order() returns bigint begin atomic select min(id) from orders; end;
    create table of_orders (o orders);
    create table parted (id int primary key) partition by range (id);
    create table part_of partition of parted for values from (0) to (10)`,
  )
  await lab.caughtUp()
  const orders = await rebuildPlan(lab, 'orders')
  const why = orders.refusals.map(({ why: words }) => words).join('\n')
  expect(why).toContain('materialized view public.spent')
  expect(why).toContain('function public.first_order()')
  expect(why).toContain('table public.of_orders')
  expect((await rebuildPlan(lab, 'part_of')).refusals.map(({ id }) => id)).toEqual(['table-not-ordinary', 'inherits'])
  await using rebuilding = await Rebuilding.in(lab)
  await expect(rebuilding.apply(orders)).rejects.toMatchObject({ code: 'plan-refused' })
  // Made after the plan: its first step looks again.
  await lab.rows('primary', 'create materialized view late as select count(*) from users')
  const users = await rebuildPlan(lab, 'users')
  const done = await rebuilding.apply({ ...users, refusals: [] })
  expect(done).toMatchObject([{ phase: 'failed', output: { refusal: 'not-carried' } }])
})
