import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
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

test('a healthy cluster is consistent, every row of it, and the second run begins anew', async () => {
  for (const args of [[], ['--fresh']]) {
    const { code, report, err } = await at.json(...args)
    expect([code, err]).toEqual([0, ''])
    expect(report).toMatchObject({ cluster: 'auth', verdict: 'consistent', coverage: 1 })
    expect(report.pairs.map(({ left, right, follows }) => [left, right, follows])).toEqual([
      ['primary', 'standby', 'physical'],
      ['primary', 'reports', 'logical'],
    ])
    expect(tablesOf(report, 'reports').map(({ table, rows, coverage }) => [table, rows, coverage])).toEqual([
      ['public.orders', 2000, 1],
      ['public.sessions', 500, 1],
      ['public.users', 1000, 1],
    ])
    expect(Date.parse(report.oldest_verified ?? '')).toBeGreaterThan(Date.now() - 60_000)
    expect(report.not_covered).toEqual([
      { what: 'primary → reports: sequences', why: expect.stringContaining('does not carry them') },
    ])
  }
  const { code, out } = await at.text()
  expect([code, out.split('\n')[0]]).toEqual([
    0,
    expect.stringMatching(/^cluster auth {2}consistent {2}6 tables on 2 pairs, 100 % of the rows, oldest look \d/),
  ])
})

test('one changed row on the subscriber is found, told with both nodes, looked at again, and green when it is mended', async () => {
  await tamper(lab, `update users set name = 'eve' where id = 500`)
  const { code, report, out } = await at.json('--table', 'users')
  expect([code, report.verdict]).toEqual([1, 'divergent'])
  expect(verdicts(report)).toEqual({ 'standby public.users': 'consistent', 'reports public.users': 'divergent' })
  expect(tablesOf(report, 'reports')[0]).toMatchObject({
    coverage: 1,
    differing: [{ key: ['500'], kind: 'changed', columns: ['name'] }],
  })
  const text = await at.text()
  expect(text.code).toBe(1)
  expect(text.out).toContain('primary → reports')
  expect(text.out).toContain('changed 500: primary and reports hold different values in name')
  const file = join(at.dir, 'report.json')
  writeFileSync(file, out)
  const again = await at.json('--recheck', file)
  expect([again.code, verdicts(again.report)]).toEqual([1, { 'reports public.users': 'divergent' }])
  await tamper(lab, `update users set name = 'user500' where id = 500`)
  const mended = await at.json('--recheck', file)
  expect([mended.code, verdicts(mended.report), mended.report.coverage]).toEqual([
    0,
    { 'reports public.users': 'consistent' },
    1,
  ])
})

test('a standby whose replay is paused is lagging where it differs, and never divergent', async () => {
  await lab.rows('standby', 'select pg_wal_replay_pause()')
  await lab.rows('primary', `update users set name = name || '!' where id < 10`)
  const { code, report } = await at.json()
  expect(code).toBe(3)
  expect(report.verdict).toBe('lagging')
  expect(report.coverage).toBeLessThan(1)
  expect(verdicts(report)).toMatchObject({
    'standby public.users': 'lagging',
    'standby public.orders': 'consistent',
    'reports public.users': 'consistent',
  })
  expect(tablesOf(report, 'standby').find(({ table }) => table === 'public.users')?.detail).toContain('paused')
})

test('a table that may not be read is unverifiable, with the exact grant', async () => {
  await lab.rows('reports', 'revoke select on orders from antemortem')
  const { code, report } = await at.json()
  expect(code).toBe(3)
  const orders = tablesOf(report, 'reports').find(({ table }) => table === 'public.orders')
  expect(orders).toMatchObject({
    verdict: 'unverifiable',
    remedy: 'On reports: grant select on public.orders to antemortem;',
  })
  const text = await at.text()
  expect(text.out).toContain('grant select on public.orders to antemortem;')
})

test('a node that does not answer is told, and nothing is green without it', async () => {
  await lab.stop('standby', 'immediate')
  const { code, report } = await at.json()
  expect(code).toBe(3)
  expect(report.verdict).toBe('unverifiable')
  expect(report.not_covered[0]?.what).toBe('node standby')
  expect(verdicts(report)).toMatchObject({ 'reports public.users': 'consistent' })
})

test('views that hold rows are compared on a standby, sequences may be ahead there, and what is not looked at is told', async () => {
  await lab.rows('primary', 'create materialized view totals as select user_id, sum(amount) from orders group by 1')
  await lab.rows(
    'primary',
    'create unlogged table cache (id int); create table bag (n int); insert into bag values (1), (1)',
  )
  await lab.rows('primary', 'grant select on totals to antemortem')
  await lab.rows('primary', 'insert into orders (user_id, amount) select 1, 1 from generate_series(1, 5)')
  await lab.rows('primary', `select lo_from_bytea(0, 'x')`)
  await lab.caughtUp()
  const { code, report } = await at.json()
  expect([code, report.coverage]).toEqual([0, 1])
  expect(verdicts(report)).toMatchObject({ 'standby public.totals': 'consistent', 'standby public.bag': 'consistent' })
  expect(report.not_covered.map(({ what }) => what)).toEqual([
    'primary → standby: unlogged tables public.cache',
    'primary → standby: 1 large object',
    'primary → reports: tables public.bag, public.cache',
    'primary → reports: materialized views public.totals',
    'primary → reports: 1 large object',
    'primary → reports: sequences',
  ])
})

test('what is typed wrong is told before anything is asked', async () => {
  for (const [args, words] of [
    [['--table', 'usres'], "no table is meant by 'usres'"],
    [['--max-load', '0'], 'above 0 and up to 1'],
    [['--max-load', 'fast'], 'above 0 and up to 1'],
    [['--recheck', join(at.dir, 'gone.json')], 'there is no such file'],
    [['--recheck', join(at.dir, 'antemortem.yaml')], 'is no report of verify'],
    [['--cluster', 'auht'], "did you mean 'auth'"],
    [[lab.url('primary', 'watch')], 'one address'],
  ] as const) {
    const { code, out, err } = await at.text(...args)
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(words)])
  }
})
