import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { authBlueprint } from '../../lab/auth.ts'
import { startLab } from '../../lab/start-lab.ts'
import { testLab } from '../../lab/testing.ts'
import { mixedDdl, mixedRows } from '../../rows/testing/mixed-table.ts'
import { publishTable } from '../../rows/testing/pairs.ts'
import { Writer } from '../../rows/testing/writer.ts'
import { verifyReportShape } from '../../shapes/verify.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from '../testing/fake-io.ts'

let lab: Lab
let dir: string

beforeEach(async () => {
  lab = await testLab()
  dir = mkdtempSync(join(tmpdir(), 'verify-'))
  for (const { name } of lab.nodes) vi.stubEnv(name.toUpperCase(), lab.url(name, 'watch'))
  config()
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

const config = (more = ''): void =>
  writeFileSync(
    join(dir, 'antemortem.yaml'),
    `clusters:
  auth:
    engine: postgres
    nodes:
      primary: { url: "env:PRIMARY" }
      standby: { url: "env:STANDBY" }
      reports: { url: "env:REPORTS" }
${more}store: "sqlite:verify.db"
`,
  )

async function verify(...rest: readonly string[]) {
  const io = fakeIo({ cwd: dir, env: { PRIMARY: 'x', STANDBY: 'x', REPORTS: 'x' } })
  const code = await run(['verify', '--max-load', '1', ...rest, '--config', join(dir, 'antemortem.yaml')], commands, io)
  return { code, ...io.printed }
}

async function json(...rest: readonly string[]) {
  const { code, out, err } = await verify('--format', 'json', ...rest)
  return { code, err, out, report: verifyReportShape.parse(JSON.parse(out)) }
}

type Report = Awaited<ReturnType<typeof json>>['report']

const tablesOf = (report: Report, right: string) => report.pairs.find((pair) => pair.right === right)?.tables ?? []
const verdicts = (report: Report): Record<string, string> =>
  Object.fromEntries(
    report.pairs.flatMap(({ right, tables }) => tables.map(({ table, verdict }) => [`${right} ${table}`, verdict])),
  )

/** Behind replication's back. */
const tamper = async (sql: string): Promise<unknown> =>
  lab.rows('reports', `set session_replication_role = replica; ${sql}`)

test('a healthy cluster is consistent, every row of it, and the second run begins anew', async () => {
  for (const args of [[], ['--fresh']]) {
    const { code, report, err } = await json(...args)
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
  const { code, out } = await verify()
  expect([code, out.split('\n')[0]]).toEqual([
    0,
    expect.stringMatching(/^cluster auth {2}consistent {2}6 tables on 2 pairs, 100 % of the rows, oldest look \d/),
  ])
})

test('one changed row on the subscriber is found, told with both nodes, looked at again, and green when it is mended', async () => {
  await tamper(`update users set name = 'eve' where id = 500`)
  const { code, report, out } = await json('--table', 'users')
  expect([code, report.verdict]).toEqual([1, 'divergent'])
  expect(verdicts(report)).toEqual({ 'standby public.users': 'consistent', 'reports public.users': 'divergent' })
  expect(tablesOf(report, 'reports')[0]).toMatchObject({
    coverage: 1,
    differing: [{ key: ['500'], kind: 'changed', columns: ['name'] }],
  })
  const text = await verify()
  expect(text.code).toBe(1)
  expect(text.out).toContain('primary → reports')
  expect(text.out).toContain('changed 500: primary and reports hold different values in name')
  const file = join(dir, 'report.json')
  writeFileSync(file, out)
  const again = await json('--recheck', file)
  expect([again.code, verdicts(again.report)]).toEqual([1, { 'reports public.users': 'divergent' }])
  await tamper(`update users set name = 'user500' where id = 500`)
  const mended = await json('--recheck', file)
  expect([mended.code, verdicts(mended.report), mended.report.coverage]).toEqual([
    0,
    { 'reports public.users': 'consistent' },
    1,
  ])
})

test('a standby whose replay is paused is lagging where it differs, and never divergent', async () => {
  await lab.rows('standby', 'select pg_wal_replay_pause()')
  await lab.rows('primary', `update users set name = name || '!' where id < 10`)
  const { code, report } = await json()
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
  const { code, report } = await json()
  expect(code).toBe(3)
  const orders = tablesOf(report, 'reports').find(({ table }) => table === 'public.orders')
  expect(orders).toMatchObject({
    verdict: 'unverifiable',
    remedy: 'On reports: grant select on public.orders to antemortem;',
  })
  const text = await verify()
  expect(text.out).toContain('grant select on public.orders to antemortem;')
})

test('a node that does not answer is told, and nothing is green without it', async () => {
  await lab.stop('standby', 'immediate')
  const { code, report } = await json()
  expect(code).toBe(3)
  expect(report.verdict).toBe('unverifiable')
  expect(report.not_covered[0]?.what).toBe('node standby')
  expect(verdicts(report)).toMatchObject({ 'reports public.users': 'consistent' })
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
  await tamper('delete from part where id % 2 = 1; update part set own = null')
  const before = await json('--table', 'part')
  expect(verdicts(before.report)).toEqual({ 'standby public.part': 'consistent', 'reports public.part': 'consistent' })
  expect(tablesOf(before.report, 'reports')[0]?.rows).toBe(1000)
  await tamper('update part set kept = 0 where id = 500')
  const after = await json('--table', 'part')
  expect(tablesOf(after.report, 'reports')[0]?.differing).toMatchObject([{ key: ['500'], columns: ['kept'] }])
})

test('a table that the publication has lost differs, one that the subscription does not know yet is told with the order', async () => {
  await lab.rows('primary', 'alter publication auth_pub drop table users')
  await lab.rows('primary', `insert into users select n, 'late' || n, 'x' from generate_series(5001, 5003) n`)
  await lab.rows('primary', 'create table fresh (id int primary key)')
  await lab.rows('primary', 'alter publication auth_pub add table fresh')
  const { code, report } = await json()
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
  await tamper('update parts set v = null where id = 1000')
  const leaves = await json('--table', 'parts')
  expect(verdicts(leaves.report)).toEqual({
    'standby public.parts_a': 'consistent',
    'standby public.parts_b': 'consistent',
    'reports public.parts_a': 'consistent',
    'reports public.parts_b': 'divergent',
  })
  await lab.rows('primary', 'alter publication auth_pub set (publish_via_partition_root = true)')
  await lab.rows('reports', 'alter subscription reports_sub refresh publication with (copy_data = false)')
  const root = await json('--table', 'parts')
  expect(tablesOf(root.report, 'reports').map(({ table, verdict }) => [table, verdict])).toEqual([
    ['public.parts', 'divergent'],
  ])
})

test('two addresses: one follows the other where that is seen; two strangers are only told apart while both are quiet', async () => {
  const urls = (a: string, b: string) => [lab.url(a, 'watch'), lab.url(b, 'watch')]
  const seen = await json(...urls('reports', 'primary'), '--table', 'users')
  expect([seen.code, seen.report.pairs[0]?.follows]).toEqual([0, 'logical'])
  await lab.rows('reports', 'alter subscription reports_sub disable')
  await lab.rows('reports', 'alter subscription reports_sub set (slot_name = none)')
  await lab.rows('reports', 'drop subscription reports_sub')
  const alike = await json(...urls('primary', 'reports'), '--table', 'users')
  expect([alike.code, alike.report.pairs[0]?.follows]).toEqual([0, 'declared'])
  await tamper(`update users set name = 'eve' where id = 500`)
  const quiet = await json(...urls('primary', 'reports'), '--table', 'users')
  expect([quiet.code, quiet.report.verdict]).toEqual([1, 'divergent'])
  const stop = new AbortController()
  const writing = (async () => {
    while (!stop.signal.aborted) await lab.rows('primary', 'update orders set amount = amount where id = 1')
  })()
  const busy = await json(...urls('primary', 'reports'), '--table', 'users')
  stop.abort()
  await writing
  expect([busy.code, busy.report.verdict, busy.report.pairs[0]?.tables]).toMatchObject([
    3,
    'unsettled',
    [{ unsettled: 1, differing: [], detail: expect.stringContaining('500') }],
  ])
}, 120_000)

test('a standby that is late and a subscriber, both written to all the time, are never divergent', async () => {
  await publishTable(lab, 'mixed', mixedDdl, [mixedRows(4000)])
  lab.setConf('standby', { recovery_min_apply_delay: '500ms', hot_standby_feedback: 'off' })
  lab.reload('standby')
  await using writer = await Writer.start(lab, { following: 'logical' })
  for (let n = 0; n < 3; n += 1) {
    const { report } = await json()
    console.info(`at ${writer.tps()} tps: ${report.verdict}, coverage ${report.coverage}`)
    expect(Object.values(verdicts(report))).not.toContain('divergent')
    expect(verdicts(report)).toMatchObject({
      'standby public.mixed': 'consistent',
      'reports public.users': 'consistent',
    })
  }
}, 120_000)

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
  const { code, report } = await json()
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

test('where both nodes write a table, a row on its way back is no difference, and one that both hold otherwise is', async () => {
  const { host, port, database } = lab.node('reports')
  const address = `host=${host} port=${port} dbname=${database} user=replicator password=${lab.password('replicator')}`
  await lab.rows('reports', 'create publication back_pub for table users')
  await lab.rows(
    'primary',
    `create subscription back_sub connection '${address}' publication back_pub with (copy_data = false, origin = none)`,
  )
  await lab.rows('reports', 'alter subscription reports_sub set (origin = none)')
  // The way back is held up for seconds: long enough for every proof that is made in one direction only.
  await using holder = await lab.session('primary', 'holder')
  await holder.rows('begin; lock table users in exclusive mode')
  await lab.rows('reports', `insert into users values (10000, 'there', 'x')`)
  await lab.rows('reports', `update users set name = 'changed there' where id = 500`)
  const held = json('--table', 'users')
  const released = sleep(6_000).then(async () => holder.rows('commit'))
  const { code: green, report: alike } = await held
  await released
  expect([green, Object.values(verdicts(alike))]).toEqual([0, ['consistent', 'consistent', 'consistent']])
  // Sent to nobody: it seems to have come from elsewhere.
  const unsent = `select pg_replication_origin_create('elsewhere'); select pg_replication_origin_session_setup('elsewhere')`
  await lab.rows('reports', `${unsent}; update users set name = 'eve' where id = 500`)
  const { code, report } = await json('--table', 'users')
  expect([code, report.pairs.map(({ left, right, tables }) => [left, right, tables[0]?.verdict])]).toEqual([
    1,
    [
      ['reports', 'primary', 'divergent'],
      ['primary', 'standby', 'consistent'],
      ['primary', 'reports', 'divergent'],
    ],
  ])
}, 120_000)

test('the oldest version that is tried is verified like the newest', async () => {
  await using old = await startLab(authBlueprint(), { major: 15 })
  const urls = old.nodes.map(({ name }) => old.url(name, 'watch'))
  const { code, report } = await json(...urls)
  expect([code, report.verdict, report.coverage, report.pairs.length]).toEqual([0, 'consistent', 1, 2])
  await old.rows('reports', `set session_replication_role = replica; delete from users where id = 7`)
  const found = await json(...urls)
  const [, reports] = found.report.pairs
  expect([found.code, reports?.tables.flatMap(({ differing }) => differing)]).toMatchObject([
    1,
    [{ key: ['7'], kind: 'missing', left: { id: '7', name: 'user7' }, right: null }],
  ])
}, 120_000)

test('what is typed wrong is told before anything is asked', async () => {
  for (const [args, words] of [
    [['--table', 'usres'], "no table is meant by 'usres'"],
    [['--max-load', '0'], 'above 0 and up to 1'],
    [['--max-load', 'fast'], 'above 0 and up to 1'],
    [['--recheck', join(dir, 'gone.json')], 'there is no such file'],
    [['--recheck', join(dir, 'antemortem.yaml')], 'is no report of verify'],
    [['--cluster', 'auht'], "did you mean 'auth'"],
    [[lab.url('primary', 'watch')], 'one address'],
  ] as const) {
    const { code, out, err } = await verify(...args)
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(words)])
  }
})
