import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { publishTable } from '../../rows/testing/pairs.ts'
import { tablesOf, tamper, verdicts, Verifying } from '../testing/verifying.ts'

let lab: Lab
let at: Verifying

beforeEach(async () => {
  lab = await testLab()
  at = new Verifying(lab)
  for (const [name, value] of Object.entries(at.env)) vi.stubEnv(name, value)
})
afterEach(() => {
  vi.unstubAllEnvs()
  at[Symbol.dispose]()
})

test('what the publication leaves out is no difference, what it carries is', async () => {
  await publishTable(
    lab,
    'part',
    ['create table part (id int primary key, kept int, own int)'],
    ['insert into part select n, n, n from generate_series(1, 1000) n'],
  )
  await lab.rows(
    'primary',
    'alter publication auth_pub set table users, orders, sessions, part (id, kept) where (id % 2 = 0)',
  )
  await lab.rows('primary', 'insert into part select n, n, n from generate_series(1001, 2000) n')
  await lab.caughtUp()
  await tamper(lab, 'delete from part where id % 2 = 1; update part set own = null')
  const before = await at.json('--table', 'part')
  expect(verdicts(before.report)).toEqual({ 'standby public.part': 'consistent', 'reports public.part': 'consistent' })
  expect(tablesOf(before.report, 'reports')[0]?.rows).toBe(1000)
  await tamper(lab, 'update part set kept = 0 where id = 500')
  const after = await at.json('--table', 'part')
  expect(tablesOf(after.report, 'reports')[0]?.differing).toMatchObject([{ key: ['500'], columns: ['kept'] }])
})

test('a table that the publication has lost differs, one that the subscription does not know yet is told with the order', async () => {
  await lab.rows('primary', 'alter publication auth_pub drop table users')
  await lab.rows('primary', `insert into users select n, 'late' || n, 'x' from generate_series(5001, 5003) n`)
  await lab.rows('primary', 'create table fresh (id int primary key)')
  await lab.rows('primary', 'alter publication auth_pub add table fresh')
  const { code, report } = await at.json()
  expect(code).toBe(1)
  const [users, fresh] = ['public.users', 'public.fresh'].map((name) =>
    tablesOf(report, 'reports').find(({ table }) => table === name),
  )
  expect(users?.differing.map(({ key, kind }) => [key[0], kind])).toEqual([
    ['5001', 'missing'],
    ['5002', 'missing'],
    ['5003', 'missing'],
  ])
  expect(users?.detail).toBe('subscription reports_sub lists it, and publication auth_pub does not carry it any more')
  expect(fresh).toMatchObject({
    verdict: 'unverifiable',
    remedy: 'On reports: alter subscription reports_sub refresh publication;',
  })
})

test('partitions are compared as they are sent: leaf by leaf, or through the root', async () => {
  const ddl = [
    `create table parts (id int primary key, v text) partition by range (id);
     create table parts_a partition of parts for values from (0) to (1000);
     create table parts_b partition of parts for values from (1000) to (5000)`,
  ]
  await publishTable(lab, 'parts', ddl, [`insert into parts select n, 'v' || n from generate_series(0, 3000) n`])
  await tamper(lab, 'update parts set v = null where id = 1000')
  const leaves = await at.json('--table', 'parts')
  expect(verdicts(leaves.report)).toEqual({
    'standby public.parts_a': 'consistent',
    'standby public.parts_b': 'consistent',
    'reports public.parts_a': 'consistent',
    'reports public.parts_b': 'divergent',
  })
  await lab.rows('primary', 'alter publication auth_pub set (publish_via_partition_root = true)')
  await lab.rows('reports', 'alter subscription reports_sub refresh publication with (copy_data = false)')
  const root = await at.json('--table', 'parts')
  expect(tablesOf(root.report, 'reports').map(({ table, verdict }) => [table, verdict])).toEqual([
    ['public.parts', 'divergent'],
  ])
})
