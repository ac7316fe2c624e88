import { beforeEach, expect, test } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { mixedDdl, mixedRows, differences } from '../../rows/testing/mixed-table.ts'
import { publishTable } from '../../rows/testing/pairs.ts'
import { steps } from '../testing/situation.ts'
import { notesOf } from './notes.ts'
import { planSql } from './sql-text.ts'
import { Repairing, textOf, toReports } from './testing/situation.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

const equal = async (table: string): Promise<void> =>
  expect(await textOf(lab, 'reports', table)).toBe(await textOf(lab, 'primary', table))

test('changed, missing and extra rows become those of the source, are proven, and come back byte for byte', async () => {
  await using repairing = await Repairing.in(lab)
  await lab.rows('reports', `update users set password_hash = 'wrong', last_login = null where id in (7, 1000)`)
  await lab.rows('reports', 'delete from sessions where user_id = 8; delete from orders where user_id = 8')
  await lab.rows('reports', 'delete from users where id = 8')
  await lab.rows('reports', `insert into users values (-5, 'stranger', 'x')`)
  const before = await Promise.all(['users', 'orders', 'sessions'].map(async (table) => textOf(lab, 'reports', table)))
  const repair = await repairing.plan(toReports, ['users', 'orders', 'sessions'])
  expect(repair.plan.refusals).toEqual([])
  expect(repair.plan.steps.map(({ words }) => words)).toEqual([
    expect.stringContaining('public.users: delete 1 row, as primary has them'),
    expect.stringContaining('public.users: insert 1 row, change 2 rows'),
    expect.stringContaining('public.orders: insert 2 rows'),
    expect.stringContaining('public.sessions: insert 1 row'),
    expect.stringContaining('break none of its foreign keys (orders_user_id_fkey, sessions_user_id_fkey)'),
    expect.stringContaining('(orders_user_id_fkey)'),
    expect.stringContaining('(sessions_user_id_fkey)'),
    ...Array.from({ length: 3 }, () => expect.stringContaining('behind a fence')),
  ])
  expect(planSql(repair)).toContain(
    `update public.users set "password_hash" = '${await hashOf(7)}', "last_login" = '2026-01-01 00:07:00+00' where "id" = '7';`,
  )
  expect(notesOf(repair).join('\n')).toContain('sequence public.orders_id_seq of column id is at its start')
  expect(await repairing.apply(repair.plan)).toEqual(steps(1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
  for (const table of ['users', 'orders', 'sessions']) await equal(table)
  expect(await repairing.undo(repair.plan)).toEqual(steps(4, 3, 2, 1))
  for (const [n, table] of ['users', 'orders', 'sessions'].entries())
    expect(await textOf(lab, 'reports', table)).toBe(before[n])
})

const hashOf = async (id: number): Promise<string> =>
  String((await lab.rows('primary', 'select password_hash from users where id = $1', [id]))[0]?.['password_hash'])

test('every kind of value is written back exactly', async () => {
  const generated = [
    `alter table mixed add twice int generated always as (num * 2) stored, add no int generated always as identity, add own char`,
  ]
  await publishTable(lab, 'mixed', [...mixedDdl, ...generated], [mixedRows(differences.length + 10)])
  for (const [n, [column, source, target]] of differences.entries()) {
    await lab.rows('primary', `update mixed set ${column} = ${source} where id = ${n + 1}`)
    await lab.caughtUp()
    await lab.rows('reports', `update mixed set ${column} = ${target} where id = ${n + 1}`)
  }
  await lab.rows('reports', 'delete from mixed where id > 66')
  await using repairing = await Repairing.in(lab)
  const before = await textOf(lab, 'reports', 'mixed')
  const repair = await repairing.plan(toReports, ['mixed'])
  expect(repair.leftOut).toEqual([])
  expect(repair.plan.refusals).toEqual([])
  expect(await repairing.apply(repair.plan)).toEqual(steps(1, 2))
  expect((await repairing.compare(toReports, ['mixed']))[0]?.report).toMatchObject({ verdict: 'consistent' })
  await equal('mixed')
  expect(await repairing.undo(repair.plan)).toEqual(steps(1))
  expect(await textOf(lab, 'reports', 'mixed')).toBe(before)
})

test('a row that moved since the plan is refused with its key, and its transaction changes nothing', async () => {
  await using repairing = await Repairing.in(lab)
  await lab.rows('reports', `update users set password_hash = 'wrong' where id in (7, 9)`)
  const { plan } = await repairing.plan(toReports, ['users'])
  await lab.rows('reports', `update users set password_hash = 'newer' where id = 9`)
  expect(await repairing.apply(plan)).toEqual([
    'begun 1',
    expect.stringMatching(
      /failed 1: public.users on reports: the row \["9"\] is not as the plan says: password_hash is not as expected. Nothing of this transaction was kept/,
    ),
  ])
  expect(await lab.rows('reports', 'select id, password_hash from users where id in (7, 9) order by id')).toEqual([
    { id: 7, password_hash: 'wrong' },
    { id: 9, password_hash: 'newer' },
  ])
  await lab.rows('reports', `update users set password_hash = 'wrong' where id = 9`)
  expect(await repairing.resume(plan)).toEqual(steps(1, 2))
  await equal('users')
})

test('rows that the source has written since the plan are refused before anything is begun', async () => {
  await using repairing = await Repairing.in(lab)
  await lab.rows('reports', 'delete from sessions where user_id = 8')
  const { plan } = await repairing.plan(toReports, ['sessions'])
  await lab.rows('primary', 'update sessions set ended_at = now() where user_id = 8')
  expect(await repairing.apply(plan)).toEqual([
    expect.stringContaining('failed 1: public.sessions on primary: 1 row changed there since the plan was made'),
  ])
})

test('on a node that is written all the time, rows that come right by themselves are left out, and the others repaired', async () => {
  await using repairing = await Repairing.in(lab)
  await lab.rows('reports', `update users set password_hash = 'wrong' where id <= 500`)
  const { plan } = await repairing.plan(toReports, ['users'])
  await lab.rows('primary', `update users set last_login = now() where id <= 100`)
  const writeOnce = async (said: string): Promise<void> => {
    if (said === 'begun 1')
      await lab.rows('primary', `update users set last_login = now() where id between 101 and 150`)
  }
  expect(await repairing.apply(plan, writeOnce)).toEqual(steps(1, 2))
  const done = (await repairing.store.journal(plan.id)).find(({ n, phase }) => n === 1 && phase === 'done')
  expect(done?.output).toEqual({ rows: 350, healed: 150 })
  await equal('users')
  expect(await repairing.undo(plan)).toEqual(steps(1))
  expect(await lab.rows('reports', `select count(*)::int as n from users where password_hash = 'wrong'`)).toEqual([
    { n: 350 },
  ])
})

test('a row that was written since the repair is not put back over', async () => {
  await using repairing = await Repairing.in(lab)
  await lab.rows('reports', `update users set password_hash = 'wrong' where id in (7, 9)`)
  const { plan } = await repairing.plan(toReports, ['users'])
  await repairing.apply(plan)
  await lab.rows('primary', `update users set password_hash = 'changed by its user' where id = 9`)
  await lab.caughtUp()
  expect(await repairing.undo(plan)).toEqual([
    'begun 1',
    expect.stringContaining('the row ["9"] is not as the plan says: password_hash is not as expected'),
  ])
  await equal('users')
})

test('two rows that have exchanged a unique value are deleted and inserted again', async () => {
  await using repairing = await Repairing.in(lab)
  await lab.rows(
    'reports',
    `update users set name = 'x' where id = 1; update users set name = 'user1' where id = 2;
    update users set name = 'user2' where id = 1`,
  )
  const repair = await repairing.plan(toReports, ['users'])
  expect(notesOf(repair).join('\n')).toContain('changed rows are deleted and inserted again')
  expect(await repairing.apply(repair.plan)).toEqual(steps(1, 2))
  await equal('users')
})

test('a thousand rows are repaired, proven and taken back in seconds', async () => {
  await using repairing = await Repairing.in(lab)
  await lab.rows('reports', `update users set password_hash = 'wrong'`)
  const { plan } = await repairing.plan(toReports, ['users'])
  const startedMs = performance.now()
  expect(await repairing.apply(plan)).toEqual(steps(1, 2))
  const tookMs = performance.now() - startedMs
  console.info(`1000 rows: ${Math.round(tookMs)} ms`)
  expect(tookMs).toBeLessThan(5_000)
  await equal('users')
  expect(await repairing.undo(plan)).toEqual(steps(1))
})
