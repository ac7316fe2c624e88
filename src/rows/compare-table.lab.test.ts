import { afterEach, beforeEach, expect, test } from 'vitest'
import { authBlueprint } from '../lab/auth.ts'
import type { Lab } from '../lab/lab.ts'
import { startLab } from '../lab/start-lab.ts'
import { testLab } from '../lab/testing.ts'
import type { Budget, ChunkVerdict } from './compare-table.ts'
import { compareTable } from './compare-table.ts'
import type { Pair } from './fence.ts'
import type { TableScope } from './prepare.ts'
import { mixedDdl, mixedRows } from './testing/mixed-table.ts'
import { LabReaders, never, publishTable } from './testing/pairs.ts'
import type { Swap } from './testing/swap-page.ts'
import { swapPage } from './testing/swap-page.ts'
import { Writer } from './testing/writer.ts'
import { TouchedComparer } from './touched.ts'

let lab: Lab
let readers: LabReaders
beforeEach(async () => {
  lab = await testLab()
  readers = await LabReaders.open(lab)
})
afterEach(async () => readers[Symbol.asyncDispose]())

interface Options extends Partial<TableScope> {
  readonly budget?: Budget
}

async function compare(pair: Pair, table: string, { budget = {}, ...scope }: Options = {}): Promise<ChunkVerdict[]> {
  const whole = { schema: 'public', table, columns: null, rowFilter: null, ...scope }
  const verdicts: ChunkVerdict[] = []
  for await (const verdict of compareTable(pair, whole, { fenceMs: 5000, firstRows: 1500, ...budget }, never()))
    verdicts.push(verdict)
  return verdicts
}

const differing = (verdicts: readonly ChunkVerdict[]): Record<string, string> =>
  Object.fromEntries(
    verdicts
      .flatMap((verdict) => verdict.differing)
      .map(({ key, kind, columns }) => [key.join('|'), [kind, ...columns].join(' ')])
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  )
const kinds = (verdicts: readonly ChunkVerdict[]): string[] =>
  [...new Set(verdicts.map(({ verdict }) => verdict))].sort()

async function swapped(table: string, into: Swap['into'], change: Swap['change']): Promise<void> {
  await swapPage(lab, { table, into, change, close: async () => readers[Symbol.asyncDispose]() })
  readers = await LabReaders.open(lab)
}

/** Behind replication's back. */
const tamper = async (sql: string): Promise<unknown> =>
  lab.rows('reports', `set session_replication_role = replica; ${sql}`)

test('every difference on a subscriber is found with key, kind and columns while both are written, and nothing else', async () => {
  await publishTable(lab, 'mixed', mixedDdl, [mixedRows(6000)])
  const tampered: readonly (readonly [id: number, sql: string, found: string])[] = [
    [5100, 'delete from mixed where id = 5100', 'missing'],
    [5101, 'delete from mixed where id = 5101', 'missing'],
    [-7, `insert into mixed (id, txt) values (-7, 'extra')`, 'extra'],
    [2_000_000_000_000, `insert into mixed (id, txt) values (2000000000000, 'extra')`, 'extra'],
    [5200, 'update mixed set price = price + 0.01 where id = 5200', 'changed price'],
    [5201, 'update mixed set price = price + 1 where id = 5201', 'changed price'],
    [5202, 'update mixed set price = price - 1 where id = 5202', 'changed price'],
    [5300, 'update mixed set r8 = r8 + 1e-12 where id = 5300', 'changed r8'],
    [5301, `update mixed set at = at + interval '1 microsecond', flag = null where id = 5301`, 'changed at flag'],
    [5302, `update mixed set txt = ' ' || txt where id = 5302`, 'changed txt'],
    [5400, `update mixed set folded = lower(folded) where id = 5400`, 'changed folded'],
    [5401, `update mixed set meta = '[]' where id = 5401`, 'changed meta'],
    [5402, `update mixed set mark = 'sad', uid = null where id = 5402`, 'changed mark uid'],
    [5999, `update mixed set amount = amount::numeric(60, 40) where id = 5999`, 'changed amount'],
  ]
  for (const [, sql] of tampered) await tamper(sql)
  await using writer = await Writer.start(lab)
  const startedAt = performance.now()
  readers.sent.length = 0
  const verdicts = await compare(readers.logical, 'mixed')
  console.info(
    `found ${Object.keys(differing(verdicts)).length} of ${tampered.length} at ${writer.tps()} tps in ${(performance.now() - startedAt).toFixed(0)} ms, ` +
      `${readers.sent.length} statements, ${verdicts.length} chunks, unsettled ${verdicts.reduce((sum, { unsettled }) => sum + unsettled, 0)}`,
  )
  expect(differing(verdicts)).toEqual(Object.fromEntries(tampered.map(([id, , found]) => [String(id), found])))
  expect(verdicts.at(-1)?.range.upTo).toBe(null)
  for (const table of ['flags', 'queue'])
    expect(kinds(await compare(readers.logical, table))).not.toContain('divergent')
}, 90_000)

test('a standby that is behind, written to, and cancels our statements is never divergent', async () => {
  await publishTable(lab, 'mixed', mixedDdl, [mixedRows(5000)])
  lab.setConf('standby', {
    recovery_min_apply_delay: '300ms',
    hot_standby_feedback: 'off',
    max_standby_streaming_delay: '0',
  })
  lab.reload('standby')
  await using writer = await Writer.start(lab, { following: 'logical' })
  const all: ChunkVerdict[] = []
  all.push(...(await compare(readers.physical, 'mixed', { budget: { firstRows: 3000 } })))
  for (const table of ['flags', 'queue']) all.push(...(await compare(readers.physical, table)))
  console.info(`delayed standby at ${writer.tps()} tps:`, kinds(all), readers.sent.length, 'statements')
  expect(differing(all)).toEqual({})
  expect(kinds(all)).not.toContain('divergent')
  expect(kinds(all)).toContain('consistent')
}, 90_000)

test('a write that a standby has lost is found, though every view of replication is green', async () => {
  await lab.rows('primary', `create table lost (id int primary key, v text) with (autovacuum_enabled = off)`)
  await lab.rows('primary', `insert into lost select n, 'v' || n from generate_series(1, 20) n`)
  await swapped('lost', 'old page', async () => lab.rows('primary', `insert into lost values (21, 'acknowledged')`))
  expect(await lab.rows('standby', `select status from pg_stat_wal_receiver`)).toEqual([{ status: 'streaming' }])
  const verdicts = await compare(readers.physical, 'lost')
  expect(kinds(verdicts)).toEqual(['divergent'])
  expect(differing(verdicts)).toEqual({ 21: 'missing' })
})

test('a damaged page is corrupt, with the node that has it', async () => {
  await swapped('users', 'garbage', async () => undefined)
  const verdicts = await compare(readers.physical, 'users')
  expect(kinds(verdicts)).toEqual(['corrupt'])
  expect(verdicts[0]?.detail).toMatch(/^standby: XX001 .*invalid page/)
})

test('keys of several columns, of text, of enums and of times are cut and found', async () => {
  const ddl = [
    `create type colour as enum ('red', 'green', 'blue')`,
    `create table things (colour colour, name text, at timestamptz, "odd ""n" int, primary key (name, colour, at))`,
  ]
  const rows = `insert into things select (array['red','green','blue'])[1 + n % 3]::colour, 'Näme ' || n / 7,
    timestamptz '2024-01-01 00:00Z' + n * interval '1 ms', n from generate_series(1, 4000) n`
  await publishTable(lab, 'things', ddl, [rows])
  expect(kinds(await compare(readers.logical, 'things'))).toEqual(['consistent'])
  await tamper(`delete from things where "odd ""n" = 1234; update things set "odd ""n" = -1 where "odd ""n" = 3999`)
  await tamper(`insert into things values ('blue', '', '1999-01-01 00:00Z', 1), ('red', 'zzz', '2030-01-01 00:00Z', 1)`)
  expect(differing(await compare(readers.logical, 'things'))).toEqual({
    'Näme 176|green|2024-01-01 00:00:01.234+00': 'missing',
    'Näme 571|red|2024-01-01 00:00:03.999+00': 'changed odd "n',
    '|blue|1999-01-01 00:00:00+00': 'extra',
    'zzz|red|2030-01-01 00:00:00+00': 'extra',
  })
})

test('of a table without a key each row that is missing or too many is found, duplicates counted', async () => {
  await publishTable(
    lab,
    'bag',
    ['create table bag (n int); alter table bag replica identity full'],
    ['insert into bag select n / 2 from generate_series(1, 3000) n'],
  )
  const whole = await compare(readers.logical, 'bag')
  expect(kinds(whole)).toEqual(['consistent'])
  expect(whole.reduce((sum, { rows }) => sum + rows, 0)).toBe(3000)
  await tamper(
    'insert into bag values (5), (5); delete from bag where n in (7, 8); update bag set n = -1 where n = 1500',
  )
  const rows = (await compare(readers.logical, 'bag'))
    .flatMap((verdict) => verdict.differing)
    .map(({ key, kind, left, right }) => [key.length, kind, left?.['n'], right?.['n']].join(' '))
  expect(rows.sort()).toEqual([
    '0 extra  -1',
    '0 extra  5',
    '0 extra  5',
    '0 missing 1500 ',
    '0 missing 7 ',
    '0 missing 7 ',
    '0 missing 8 ',
    '0 missing 8 ',
  ])
})

test('a row filter and a column list keep out what the publication does not carry', async () => {
  await publishTable(lab, 'part', ['create table part (id int primary key, kept int, own int)'], [])
  await lab.rows('primary', 'insert into part select n, n, n from generate_series(1, 1000) n')
  await lab.caughtUp()
  await tamper('delete from part')
  await tamper('insert into part select n, n, null from generate_series(2, 1000, 2) n')
  const scope = { columns: ['id', 'kept'], rowFilter: 'id % 2 = 0' }
  expect(await compare(readers.logical, 'part', scope)).toMatchObject([{ verdict: 'consistent', rows: 500 }])
  await tamper('update part set kept = 0 where id = 500')
  expect(differing(await compare(readers.logical, 'part', scope))).toEqual({ 500: 'changed kept' })
})

test('what does not follow is lagging, what may not be read is unverifiable, what differs everywhere is said so', async () => {
  await lab.rows('primary', 'revoke select on orders from antemortem')
  expect(await compare(readers.physical, 'orders')).toMatchObject([
    { verdict: 'unverifiable', remedy: expect.stringContaining('grant select on public.orders') },
  ])
  await lab.rows('primary', 'create table fresh (id int primary key)')
  expect(await compare(readers.logical, 'fresh')).toMatchObject([
    { verdict: 'unverifiable', detail: expect.stringContaining('reports: 42P01') },
  ])
  await lab.rows('reports', 'alter subscription reports_sub disable')
  await lab.rows('primary', `insert into users select n, 'late' || n, 'x' from generate_series(5001, 8000) n`)
  const late = await compare(readers.logical, 'users', { budget: { firstRows: 500 } })
  expect(kinds(late)).toEqual(['consistent', 'lagging'])
  await lab.rows('reports', 'alter subscription reports_sub enable')
  await lab.caughtUp()
  await tamper('delete from users where id > 10')
  const gone = await compare(readers.logical, 'users', { budget: { mostDiffering: 300, firstRows: 500 } })
  expect(kinds(gone)).toEqual(['divergent'])
  expect(gone.some(({ more }) => more)).toBe(true)
  const [first] = await compare(readers.logical, 'users', { budget: { after: ['7990'] } })
  expect(first?.differing.map(({ key }) => Number(key[0]))).toEqual([
    7991, 7992, 7993, 7994, 7995, 7996, 7997, 7998, 7999, 8000,
  ])
})

test('a partitioned table is compared through its root', async () => {
  const ddl = [
    `create table parts (id int primary key, v text) partition by range (id);
     create table parts_a partition of parts for values from (0) to (1000);
     create table parts_b partition of parts for values from (1000) to (5000)`,
  ]
  await publishTable(lab, 'parts', ddl, [`insert into parts select n, 'v' || n from generate_series(0, 3000) n`])
  expect(kinds(await compare(readers.logical, 'parts'))).toEqual(['consistent'])
  await tamper('delete from parts where id = 999; update parts set v = null where id = 1000')
  expect(differing(await compare(readers.logical, 'parts'))).toEqual({ 1000: 'changed v', 999: 'missing' })
})

test('the oldest version is compared like the newest', async () => {
  await using old = await startLab(authBlueprint(), { major: 15 })
  await using readers = await LabReaders.open(old)
  await publishTable(old, 'mixed', mixedDdl, [mixedRows(1000)])
  await old.rows('reports', 'update mixed set r8 = -0.0, num = 5 where id = 500')
  const comparer = new TouchedComparer()
  const scope = { schema: 'public', table: 'mixed', columns: null, rowFilter: null, maxRows: 1e5, signal: never() }
  const fence = { deadlineMs: 3000, passive: false }
  expect(differing(await compare(readers.logical, 'mixed'))).toEqual({ 500: 'changed num r8' })
  expect(kinds(await compare(readers.physical, 'mixed'))).toEqual(['consistent'])
  expect(await comparer.compare({ ...scope, fence, pair: readers.logical })).toMatchObject({ verdict: 'different' })
  expect(await comparer.compare({ ...scope, fence, pair: readers.physical })).toMatchObject({ verdict: 'equal' })
})
