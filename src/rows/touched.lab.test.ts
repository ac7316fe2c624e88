import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import type { Pair } from './fence.ts'
import { asPublished } from './prepare.ts'
import { LabReaders, never, publishTable } from './testing/pairs.ts'
import { mixedDdl, mixedRows } from './testing/mixed-table.ts'
import { Writer } from './testing/writer.ts'
import { TouchedComparer } from './touched.ts'
import type { TouchedAnswer } from './touched.ts'

let lab: Lab
let readers: LabReaders
let comparer: TouchedComparer
beforeEach(async () => {
  lab = await testLab()
  readers = await LabReaders.open(lab)
  comparer = new TouchedComparer()
})
afterEach(async () => readers[Symbol.asyncDispose]())

const compare = async (pair: Pair, table = 'users', maxRows = 100_000, deadlineMs = 3000): Promise<TouchedAnswer> =>
  comparer.compare({
    pair,
    schema: 'public',
    table,
    columns: null,
    rowFilter: null,
    maxRows,
    fence: { deadlineMs, passive: false },
    signal: never(),
  })

test('an equal table costs one statement a node and no fence, once its columns are known', async () => {
  for (const pair of [readers.physical, readers.logical]) {
    expect(await compare(pair)).toMatchObject({
      verdict: 'equal',
      detail: null,
      sourceRows: 1000,
      nodeRows: 1000,
      coverage: 1,
    })
    readers.sent.length = 0
    expect(await compare(pair)).toMatchObject({ verdict: 'equal' })
    expect(readers.sent.map(({ node }) => node).sort()).toEqual([pair.source.name, pair.target.name].sort())
  }
})

test('one row that is missing, one too many, and one bit are different', async () => {
  const change = async (sql: string): Promise<unknown> =>
    lab.rows('reports', `set session_replication_role = replica; ${sql}`)
  await change('delete from users where id = 7')
  expect(await compare(readers.logical)).toMatchObject({ verdict: 'different', sourceRows: 1000, nodeRows: 999 })
  await change(`insert into users select 7, 'user7', md5('pw7'), timestamptz '2026-01-01 00:07:00Z'`)
  expect(await compare(readers.logical)).toMatchObject({ verdict: 'equal' })
  await change(`insert into users values (-1, 'nobody', 'x')`)
  expect(await compare(readers.logical)).toMatchObject({ verdict: 'different', nodeRows: 1001 })
  await change(`delete from users where id = -1`)
  await change(`update users set last_login = last_login + interval '1 microsecond' where id = 500`)
  expect(await compare(readers.logical)).toMatchObject({ verdict: 'different' })
  expect(await compare(readers.physical)).toMatchObject({ verdict: 'equal' })
})

test('a target that does not follow is lagging, whatever its rows are', async () => {
  await lab.rows('reports', 'alter subscription reports_sub disable')
  await lab.rows('standby', 'select pg_wal_replay_pause()')
  expect(await compare(readers.logical)).toMatchObject({ verdict: 'equal' })
  await lab.rows('primary', 'update users set last_login = now() where id = 1')
  expect(await compare(readers.logical)).toMatchObject({
    verdict: 'lagging',
    detail: 'subscription reports_sub is disabled',
  })
  expect(await compare(readers.physical)).toMatchObject({ verdict: 'lagging', detail: 'replay is paused' })
})

test('a table that no subscription carries is different, and it is said why', async () => {
  for (const node of ['primary', 'reports']) await lab.rows(node, 'create table alone (id int primary key)')
  expect(await compare(readers.logical, 'alone')).toMatchObject({ verdict: 'equal', sourceRows: 0 })
  await lab.rows('primary', 'insert into alone values (1)')
  expect(await compare(readers.logical, 'alone')).toMatchObject({
    verdict: 'different',
    detail: 'subscription reports_sub does not carry it',
  })
  expect(await compare(readers.physical, 'alone')).toMatchObject({ verdict: 'equal' })
})

test('a table that one node lacks is absent there, and a new one is not', async () => {
  await lab.rows('primary', 'create table fresh (id int primary key)')
  expect((await compare(readers.physical, 'fresh')).verdict).toBe('equal')
  expect(await compare(readers.logical, 'fresh')).toMatchObject({
    verdict: 'absent',
    remedy: 'Create public.fresh on reports.',
  })
  expect((await compare(readers.logical, 'nowhere')).verdict).toBe('absent')
})

test('columns that come and go while it is watched are noticed', async () => {
  expect((await compare(readers.logical)).verdict).toBe('equal')
  await lab.rows('primary', 'alter table users add note text')
  expect(await compare(readers.logical)).toMatchObject({
    verdict: 'unverifiable',
    detail: expect.stringContaining('column note is absent'),
  })
  await lab.rows('reports', 'alter table users add note text')
  expect((await compare(readers.logical)).verdict).toBe('equal')
  await lab.rows('primary', `update users set note = 'x' where id = 3`)
  expect((await compare(readers.logical)).verdict).toBe('equal')
  for (const node of ['reports', 'primary']) await lab.rows(node, 'alter table users drop note')
  expect((await compare(readers.logical)).verdict).toBe('equal')
  expect((await compare(readers.physical)).verdict).toBe('equal')
})

test('rows that a narrowed publication carries no more are different, unless they are left out on purpose', async () => {
  expect((await compare(readers.logical, 'orders')).verdict).toBe('equal')
  await lab.rows(
    'primary',
    'alter publication auth_pub set table users, sessions, orders (id, user_id, amount) where (id > 5)',
  )
  await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  await lab.rows('primary', `update orders set placed_at = now() where id > 100; delete from orders where id = 3`)
  await lab.rows('primary', `insert into orders (id, user_id, amount, placed_at) values (50001, 1, 1, '2020-01-01')`)
  await lab.caughtUp()
  expect((await compare(readers.logical, 'orders')).verdict).toBe('different')
  const published = await asPublished(readers.logical, { schema: 'public', table: 'orders' }, never())
  expect(published).toMatchObject({ columns: ['amount', 'id', 'user_id'], rowFilter: '((id > 5))' })
  const carried = {
    ...published,
    pair: readers.logical,
    maxRows: 1e5,
    signal: never(),
    fence: { deadlineMs: 3000, passive: false },
  }
  expect(await comparer.compare(carried)).toMatchObject({ verdict: 'equal', sourceRows: 1996, nodeRows: 1996 })
  await lab.rows('reports', 'update orders set amount = 0 where id = 50001')
  expect((await comparer.compare(carried)).verdict).toBe('different')
})

test('what the role may not read, and what is locked, is unverifiable, with what to do', async () => {
  await lab.rows('primary', 'revoke select on orders from antemortem')
  expect(await compare(readers.physical, 'orders')).toMatchObject({
    verdict: 'unverifiable',
    detail: expect.stringContaining('42501'),
    remedy: 'On primary: grant select on public.orders to antemortem;',
    why: 'no-privilege',
  })
  await lab.rows('primary', 'alter table sessions enable row level security')
  expect(await compare(readers.physical, 'sessions')).toMatchObject({
    verdict: 'unverifiable',
    remedy: 'On primary: alter role antemortem bypassrls;',
  })
  const locked = lab.rows('primary', 'begin; lock table users in access exclusive mode; select pg_sleep(4); commit')
  await new Promise((done) => setTimeout(done, 200))
  expect(await compare(readers.logical)).toMatchObject({
    verdict: 'unverifiable',
    detail: expect.stringContaining('55P03'),
  })
  await locked
}, 60_000)

test('under writes equal tables are never different, and a true difference is seen', async () => {
  await publishTable(lab, 'mixed', mixedDdl, [mixedRows(5001)])
  const verdicts: Record<string, number> = {}
  await using writer = await Writer.start(lab)
  const until = Date.now() + 8000
  while (Date.now() < until)
    for (const pair of [readers.physical, readers.logical])
      for (const table of ['mixed', 'flags', 'queue']) {
        const { verdict } = await compare(pair, table)
        const kind = `${pair.follows.kind} ${verdict}`
        verdicts[kind] = (verdicts[kind] ?? 0) + 1
      }
  console.info(`touched under ${writer.tps()} tps:`, verdicts)
  expect(Object.keys(verdicts).filter((kind) => /different|absent/.test(kind))).toEqual([])
  expect(Object.keys(verdicts).filter((kind) => /lagging/.test(kind))).toEqual([])
  await lab.rows('reports', 'update mixed set r8 = null where id = 5001')
  expect((await compare(readers.logical, 'mixed')).verdict).toBe('different')
  expect((await compare(readers.physical, 'mixed')).verdict).not.toBe('different')
  await writer.stop()
  expect((await compare(readers.logical, 'mixed')).verdict).toBe('different')
  expect((await compare(readers.physical, 'mixed')).verdict).toBe('equal')
}, 60_000)

test('who reads the table is told, without us and without the apply worker', async () => {
  const readBy = async (pair: Pair, table = 'orders') => (await compare(pair, table)).readBy
  const others = async (pair: Pair): Promise<number> => {
    const read = await readBy(pair)
    return (read?.scans ?? 0) - (read?.ownScans ?? 0)
  }
  for (const pair of [readers.physical, readers.logical]) {
    const base = await others(pair)
    for (let n = 0; n < 20; n += 1) await readBy(pair)
    await lab.rows('primary', 'update orders set amount = amount where id < 50')
    await pair.target.run({ text: 'select pg_stat_force_next_flush()' }, { signal: never(), deadlineMs: 1000 })
    expect((await readBy(pair))?.scans).toBeGreaterThan(5)
    expect(await others(pair)).toBe(base)
    expect((await readBy(pair))?.roles).toEqual([])
    await using app = await Writer.open(lab, pair.target.name)
    await app.rows('select count(*) from orders')
    expect((await readBy(pair))?.roles).toEqual(['app'])
    expect((await readBy(pair, 'users'))?.roles).toEqual([])
    await app.rows('select pg_stat_force_next_flush()')
    expect(await others(pair)).toBe(base + 1)
  }
  await lab.rows('primary', 'revoke pg_monitor from antemortem')
  await lab.caughtUp()
  expect((await readBy(readers.physical))?.roles).toBe(null)
}, 60_000)

test('of a large table the newest rows are compared, and it is said so', async () => {
  for (const node of ['primary', 'reports'])
    await lab
      .rows(node, 'alter table users set (autovacuum_enabled = off)')
      .then(async () => lab.rows(node, 'analyze users'))
  const compareSome = async (): Promise<TouchedAnswer> => compare(readers.logical, 'users', 100)
  expect(await compareSome()).toMatchObject({ verdict: 'equal', coverage: 0.1, sourceRows: 100 })
  expect((await compareSome()).detail).toBe('only its newest 100 rows of about 1000')
  await lab.rows('reports', 'set session_replication_role = replica; delete from users where id = 950')
  expect((await compareSome()).verdict).toBe('different')
  for (const node of ['primary', 'reports'])
    await lab.rows(node, 'create table bag as select generate_series(1, 500) n; analyze bag')
  expect((await compare(readers.logical, 'bag', 100)).verdict).toBe('unverifiable')
  expect((await compare(readers.logical, 'bag', 1000)).verdict).toBe('equal')
})
