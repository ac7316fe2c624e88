import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NodeReader } from '../engines/postgres/rows/node-reader.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import type { Budget, ChunkVerdict } from './compare-table.ts'
import { compareTable, digested } from './compare-table.ts'
import type { Pair } from './fence.ts'
import { differences, mixedDdl, mixedRows } from './testing/mixed-table.ts'
import { LabReaders, never, publishTable } from './testing/pairs.ts'
import { swapPage } from './testing/swap-page.ts'

let lab: Lab
let readers: LabReaders
beforeEach(async () => {
  lab = await testLab()
  readers = await LabReaders.open(lab)
})
afterEach(async () => readers[Symbol.asyncDispose]())

async function compare(pair: Pair, table: string, budget: Budget = {}): Promise<ChunkVerdict[]> {
  const verdicts: ChunkVerdict[] = []
  const scope = { schema: 'public', table, columns: null, rowFilter: null }
  for await (const verdict of compareTable(pair, scope, { fenceMs: 5000, ...budget }, never())) verdicts.push(verdict)
  return verdicts
}

/** Behind replication's back. */
const tamper = async (sql: string): Promise<unknown> =>
  lab.rows('reports', `set session_replication_role = replica; ${sql}`)
const kinds = (verdicts: readonly ChunkVerdict[]): string[] =>
  [...new Set(verdicts.map(({ verdict }) => verdict))].sort()
const found = (verdicts: readonly ChunkVerdict[]): string[] =>
  verdicts.flatMap(({ differing }) => differing.map(({ key, kind }) => `${key.join()} ${kind}`)).sort()

/** As another version, or another platform, might hash: each row otherwise than its neighbour's server does. */
const hashingOtherwise = (reader: NodeReader): NodeReader => ({
  name: reader.name,
  run: async (statement, limits) =>
    reader.run(
      { ...statement, text: statement.text.replaceAll('hash_record_extended(', '17 + hash_record_extended(') },
      limits,
    ),
})

test('both rows are kept as they were when they were found to differ; of a large value only its length and digest', async () => {
  await publishTable(
    lab,
    'letters',
    ['create table letters (id int primary key, body text, n numeric, seen bool, own bytea)'],
    [
      `insert into letters select n, repeat('x', n * 20000), n, n % 2 = 0, decode(repeat('ab', n), 'hex') from generate_series(1, 9) n`,
    ],
  )
  await tamper(`update letters set n = n + 0.0, seen = null where id = 1; delete from letters where id = 2;
    insert into letters values (100, null, -0.5, true, null);
    update letters set body = overlay(body placing 'y' from length(body)) where id = 9`)
  const rows = (await compare(readers.logical, 'letters')).flatMap(({ differing }) => differing)
  const byId = new Map(rows.map((row) => [row.key[0], row]))
  const body = 'x'.repeat(20_000)
  expect(byId.get('1')).toEqual({
    key: ['1'],
    kind: 'changed',
    columns: ['n', 'seen'],
    left: { id: '1', body, n: '1', seen: 'false', own: '\\xab' },
    right: { id: '1', body, n: '1.0', seen: null, own: '\\xab' },
  })
  expect(byId.get('2')).toMatchObject({ kind: 'missing', left: { id: '2', seen: 'true' }, right: null })
  expect(byId.get('100')).toMatchObject({ kind: 'extra', left: null, right: { id: '100', body: null, n: '-0.5' } })
  const [left, right] = [byId.get('9')?.left?.['body'] ?? null, byId.get('9')?.right?.['body'] ?? null]
  expect(digested(left)?.bytes).toBe(180_000)
  expect(digested(right)?.bytes).toBe(180_000)
  expect(digested(left)?.sha256).not.toBe(digested(right)?.sha256)
  expect(digested(body)).toBe(null)

  const bare = (await compare(readers.logical, 'letters', { images: false })).flatMap(({ differing }) => differing)
  expect(bare).toContainEqual({ key: ['1'], kind: 'changed', columns: ['n', 'seen'] })
  expect(bare.filter((row) => 'left' in row || 'right' in row)).toEqual([])
})

test('nodes that sort a key otherwise: every difference is found, and nothing else', async () => {
  const ddl = (locale: string): string[] => [
    `create collation names (provider = icu, locale = '${locale}')`,
    `create table people (name text collate names primary key, n int)`,
  ]
  for (const sql of ddl('en-u-kf-upper')) await lab.rows('primary', sql)
  for (const sql of ddl('sv-u-kf-lower')) await lab.rows('reports', sql)
  await publishTable(
    lab,
    'people',
    [],
    [
      `insert into people select (array['Å', 'a', 'z', 'A', 'ö', 'Z'])[1 + n % 6] || n / 6, n from generate_series(1, 4000) n; analyze people`,
    ],
  )
  expect(kinds(await compare(readers.logical, 'people', { firstRows: 500 }))).toEqual(['consistent'])
  await tamper(`delete from people where n in (77, 2500); update people set n = -1 where n = 3999;
    insert into people values ('', 0), ('ÖÖ', 0)`)
  const expected = [' extra', 'A666 changed', 'ÖÖ extra'].concat(
    (await lab.rows('primary', 'select name from people where n in (77, 2500)')).map(
      ({ name }) => `${String(name)} missing`,
    ),
  )
  const byBuckets = await compare(readers.logical, 'people', { firstRows: 500 })
  expect(found(byBuckets)).toEqual(expected.sort())
  expect(byBuckets.length).toBeGreaterThan(5)
  expect(byBuckets.reduce((sum, { rows }) => sum + rows, 0)).toBe(4000)

  // With an index in the order of bytes on both, ranges mean the same again.
  for (const node of ['primary', 'reports']) await lab.rows(node, 'create index on people (name collate "C")')
  const byRanges = await compare(readers.logical, 'people', { firstRows: 500 })
  expect(found(byRanges)).toEqual(expected)
  expect(byRanges[0]?.range).toMatchObject({ after: null })
  expect(byRanges[0]?.range.bucket).toBe(undefined)
})

test('servers whose own hashes differ are compared by what they would send, and every pair of values is told apart', async () => {
  await publishTable(lab, 'mixed', mixedDdl, [mixedRows(50)])
  for (const [n, [column, left, right]] of differences.entries()) {
    await lab.rows(
      'primary',
      `insert into mixed (id, ${column}) values (${1000 + 2 * n}, ${left}), (${1001 + 2 * n}, ${right})`,
    )
    await lab.caughtUp()
    await tamper(`update mixed set ${column} = ${right} where id = ${1000 + 2 * n}`)
  }
  const unlike: Pair = { ...readers.logical, target: hashingOtherwise(readers.reports) }
  for (const pair of [unlike, readers.logical]) {
    const verdicts = await compare(pair, 'mixed')
    expect(found(verdicts)).toEqual(differences.map((_, n) => `${1000 + 2 * n} changed`).sort())
    expect(verdicts.flatMap(({ differing }) => differing.map(({ columns }) => columns.join())).sort()).toEqual(
      differences.map(([column]) => column).sort(),
    )
  }
  const physical: Pair = { ...readers.physical, target: hashingOtherwise(readers.standby) }
  expect(kinds(await compare(physical, 'mixed'))).toEqual(['consistent'])
}, 90_000)

test('a table without a key is compared on a standby by the places of its rows, which are told without a key', async () => {
  await lab.rows('primary', `create table keyless (n int, v text)`)
  await lab.rows(
    'primary',
    `insert into keyless select n / 2, repeat('v', 30) from generate_series(1, 2000) n; analyze keyless`,
  )
  await lab.caughtUp()
  const whole = await compare(readers.physical, 'keyless', { firstRows: 300 })
  expect(kinds(whole)).toEqual(['consistent'])
  expect(whole.map(({ range }) => range.after)).toEqual([null, ...whole.slice(0, -1).map(({ range }) => range.upTo)])
  expect(whole.length).toBeGreaterThan(1)
  expect(whole.reduce((sum, { rows }) => sum + rows, 0)).toBe(2000)

  await lab.rows('primary', `create table lost (n int, v text) with (autovacuum_enabled = off)`)
  await lab.rows('primary', `insert into lost select n / 2, 'v' from generate_series(1, 20) n`)
  await swapPage(lab, {
    table: 'lost',
    into: 'old page',
    change: async () => lab.rows('primary', `insert into lost values (3, 'new'), (3, 'new')`),
    close: async () => readers[Symbol.asyncDispose](),
  })
  readers = await LabReaders.open(lab)
  const rows = (await compare(readers.physical, 'lost')).flatMap(({ differing }) => differing)
  expect(rows).toEqual([
    { key: [], kind: 'missing', columns: [], left: { n: '3', v: 'new' }, right: null },
    { key: [], kind: 'missing', columns: [], left: { n: '3', v: 'new' }, right: null },
  ])
})

test('what a full image of its page mends while we look is told as healed, with both rows', async () => {
  await lab.rows('primary', `create table healing (id int primary key, v text) with (autovacuum_enabled = off)`)
  await lab.rows('primary', `insert into healing select n, 'old' from generate_series(1, 20) n`)
  await swapPage(lab, {
    table: 'healing',
    into: 'old page',
    change: async () => lab.rows('primary', `update healing set v = 'new' where id = 7`),
    close: async () => readers[Symbol.asyncDispose](),
  })
  readers = await LabReaders.open(lab)
  // Behind the first proof the primary writes to the page, for the first time since a checkpoint.
  let proven = 0
  const source: NodeReader = {
    name: 'primary',
    run: async (statement, limits) => {
      const isProof = statement.text.includes(' as columns')
      if (isProof && ++proven === 3) {
        await lab.rows('primary', `checkpoint; update healing set v = v where id = 1`)
        await lab.caughtUp()
      }
      return readers.primary.run(statement, limits)
    },
  }
  const verdicts = await compare({ ...readers.physical, source }, 'healing')
  expect(kinds(verdicts)).toEqual(['consistent'])
  expect(verdicts.flatMap(({ healed }) => healed)).toEqual([
    { key: ['7'], kind: 'changed', columns: ['v'], left: { id: '7', v: 'new' }, right: { id: '7', v: 'old' } },
  ])
  expect(verdicts[0]?.detail).toBe('1 rows differed, and came right while they were looked at')
})

test('a policy never hides rows from a comparison, not even from the owner of the table', async () => {
  await publishTable(
    lab,
    'secret',
    ['create table secret (id int primary key)'],
    ['insert into secret values (1), (2)'],
  )
  await lab.rows('primary', `alter table secret enable row level security; create policy few on secret using (id = 1)`)
  const refused = { verdict: 'unverifiable', detail: expect.stringMatching(/^primary: 42501 .*row-level security/) }
  expect(await compare(readers.logical, 'secret')).toMatchObject([refused])
  await lab.rows('primary', `alter table secret owner to antemortem`)
  expect(await compare(readers.logical, 'secret')).toMatchObject([{ verdict: 'consistent', rows: 2 }])
  await lab.rows('primary', `alter table secret force row level security`)
  expect(await compare(readers.logical, 'secret')).toMatchObject([
    { ...refused, remedy: expect.stringContaining('bypassrls') },
  ])
  await lab.rows('primary', `alter role antemortem bypassrls`)
  expect(await compare(readers.logical, 'secret')).toMatchObject([{ verdict: 'consistent', rows: 2 }])
})

test('dropped and generated columns, and a table without a row, are compared as they are', async () => {
  const ddl = [
    `create table shapes (gone int, id int primary key, v text, double int generated always as (id * 2) stored)`,
    `alter table shapes drop column gone`,
    `create table nothing (id int primary key)`,
  ]
  await publishTable(lab, 'shapes', ddl, [`insert into shapes (id, v) select n, 'v' from generate_series(1, 30) n`])
  await publishTable(lab, 'nothing', [], [])
  for (const pair of [readers.logical, readers.physical])
    for (const table of ['shapes', 'nothing']) expect(kinds(await compare(pair, table))).toEqual(['consistent'])
  await tamper(
    `insert into nothing values (5); update shapes set v = 'w' where id = 30; delete from shapes where id = 1`,
  )
  expect(found(await compare(readers.logical, 'nothing'))).toEqual(['5 extra'])
  expect(found(await compare(readers.logical, 'shapes'))).toEqual(['1 missing', '30 changed'])
})

test('a server that restarts under a comparison does not end it', async () => {
  await publishTable(
    lab,
    'many',
    ['create table many (id int primary key, v text)'],
    [`insert into many select n, 'v' || n from generate_series(1, 20000) n`],
  )
  await tamper(`update many set v = '' where id = 19999`)
  let asked = 0
  const starting: Promise<void>[] = []
  const target: NodeReader = {
    name: 'reports',
    run: async (statement, limits) => {
      asked += 1
      if (asked === 12) {
        await lab.stop('reports', 'immediate')
        starting.push(lab.start('reports'))
      }
      return readers.reports.run(statement, limits)
    },
  }
  const budget = { firstRows: 1000, chunkMs: 10, fenceMs: 20_000 }
  const verdicts = await compare({ ...readers.logical, target }, 'many', budget)
  await Promise.all(starting)
  expect(found(verdicts)).toEqual(['19999 changed'])
  expect(verdicts.reduce((sum, { conflicts }) => sum + conflicts, 0)).toBeGreaterThan(0)
})
