import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Lab } from '../../../lab/lab.ts'
import { startLab } from '../../../lab/start-lab.ts'
import { authBlueprint } from '../../../lab/auth.ts'
import { testLab } from '../../../lab/testing.ts'
import { differences, mixedDdl } from '../../../rows/testing/mixed-table.ts'
import { LabReaders, never } from '../../../rows/testing/pairs.ts'
import { openNode } from '../connect.ts'
import { commonColumns } from './exact-column.ts'
import { nodeReader } from './node-reader.ts'
import { selfTest } from './self-test.ts'
import { openTable } from './table-reader.ts'
import { readTableShape, unknownOrder } from './table-shape.ts'
import { everything } from './comparable.ts'

let lab: Lab
let readers: LabReaders
beforeAll(async () => {
  lab = await testLab()
  for (const node of ['primary', 'reports']) {
    // The enums' oids must not be the same by chance: on a subscriber they never are.
    if (node === 'reports') await lab.rows(node, `create type another as enum ('a'); create type third as enum ('b')`)
    for (const sql of mixedDdl) await lab.rows(node, sql)
  }
  readers = await LabReaders.open(lab)
})
afterAll(async () => readers[Symbol.asyncDispose]())

const columnsOf = async (table: string) => {
  const name = { schema: 'public', table }
  const [source, target] = await Promise.all([
    readTableShape(readers.primary, name, never()),
    readTableShape(readers.reports, name, never()),
  ])
  return { source, common: commonColumns(source, target, { published: null, physical: false }) }
}

test('every pair of different values has different hashes, and equal rows have equal ones on nodes with other type oids', async () => {
  const { source, common } = await columnsOf('mixed')
  expect(common.left).toEqual([])
  expect(common.columns).toHaveLength(source.columns.length)
  const table = { schema: 'public', table: 'mixed', columns: common.columns, key: ['id'], rowFilter: null }
  for (const [n, [column, left, right]] of differences.entries()) {
    await lab.rows('primary', `insert into mixed (id, ${column}) values (${2 * n}, ${left}), (${2 * n + 1}, ${right})`)
    await lab.rows('reports', `insert into mixed (id, ${column}) values (${2 * n}, ${right}), (${2 * n + 1}, ${right})`)
  }
  const hashes = async (side: 'primary' | 'reports'): Promise<Map<number, string>> => {
    const rows = await openTable(readers[side], table).rows(everything, never())
    return new Map(rows.map((row) => [Number(row.key[0]), row.hash]))
  }
  const [left, right] = [await hashes('primary'), await hashes('reports')]
  const missed = differences.filter((_, n) => left.get(2 * n) === right.get(2 * n))
  const alarms = differences.filter((_, n) => left.get(2 * n + 1) !== right.get(2 * n + 1))
  expect(missed).toEqual([])
  expect(alarms).toEqual([])
  expect(left.size).toBe(2 * differences.length)
})

test('columns are matched by name; what cannot be compared is said', async () => {
  await lab.rows(
    'primary',
    `create table t (a int primary key, b text, c int, d mood, e numeric(8,2), f timestamp, g int,
    h int generated always as (c * 2) stored, "w ""x" text)`,
  )
  await lab.rows(
    'reports',
    `create table t (own int, "w ""x" varchar(9), f timestamptz, e numeric(8,4), d text, c bigint,
    b varchar(9), a bigint, h int generated always as (c * 3) stored)`,
  )
  const row = `(a, b, c, d, e, f, "w ""x") values (1, 'b', 3, 'ok', 1.5, '2024-01-01', 'w')`
  for (const node of ['primary', 'reports']) await lab.rows(node, `insert into t ${row}`)
  const { source, common } = await columnsOf('t')
  expect(source.key).toEqual(['a'])
  expect(common.columns.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e', 'w "x'])
  expect(common.left).toEqual(['column f is timestamp on the source and timestamptz here', 'column g is absent'])
  const table = { schema: 'public', table: 't', columns: common.columns, key: ['a'], rowFilter: null }
  const digest = async (side: 'primary' | 'reports') =>
    openTable(readers[side], table).digest(everything, false, never())
  expect(await digest('primary')).toEqual(await digest('reports'))
})

test('a key is the primary key, else a unique index over columns that are not null', async () => {
  const keyOf = async (ddl: string): Promise<readonly string[]> => {
    await lab.rows('primary', `drop table if exists k; ${ddl}`)
    return (await readTableShape(readers.primary, { schema: 'public', table: 'k' }, never())).key
  }
  expect(await keyOf('create table k (a int, b int not null unique, c int, primary key (c, a))')).toEqual(['c', 'a'])
  expect(await keyOf('create table k (a int unique, b int not null unique)')).toEqual(['b'])
  expect(
    await keyOf('create table k (a int unique, b int not null); create unique index on k (b) where a > 0'),
  ).toEqual([])
  expect(await keyOf('create table k (a int not null); create unique index on k (lower(a::text))')).toEqual([])
  expect(await keyOf('create table k (a int primary key, b int) partition by range (a)')).toEqual(['a'])
})

test('an order is known only while the collation of the key is of the version that its indexes were made with', async () => {
  await lab.rows(
    'primary',
    `create collation aged (provider = icu, locale = 'de'); create table aged (k text collate aged primary key)`,
  )
  const order = async () => readTableShape(readers.primary, { schema: 'public', table: 'aged' }, never())
  expect((await order()).keyOrder).not.toContain(unknownOrder)
  await lab.rows('primary', `update pg_collation set collversion = '0' where collname = 'aged'`)
  expect(await order()).toMatchObject({
    keyOrder: expect.stringContaining(unknownOrder),
    textKey: ['k'],
    hasByteOrder: false,
  })
  await lab.rows('primary', 'create index on aged (k collate "C")')
  expect((await order()).hasByteOrder).toBe(true)
  expect((await readTableShape(readers.primary, { schema: 'public', table: 'users' }, never())).keyOrder).toBe('')
})

test('the stamp moves with a column, and not with rows', async () => {
  const stamp = async (): Promise<string> =>
    (await readTableShape(readers.primary, { schema: 'public', table: 'users' }, never())).stamp
  const before = await stamp()
  await lab.rows('primary', `insert into users values (4000, 's', 'x')`)
  expect(await stamp()).toBe(before)
  await lab.rows('primary', 'alter table users add extra int')
  expect(await stamp()).not.toBe(before)
})

test('the self-test answers alike on all nodes and on another major version, and notices other session settings', async () => {
  const [primary, standby, reports] = await Promise.all(
    [readers.primary, readers.standby, readers.reports].map(async (reader) => selfTest(reader, never())),
  )
  expect(standby).toBe(primary)
  expect(reports).toBe(primary)
  await readers.reports.run({ text: `set datestyle = 'German'` }, { signal: never(), deadlineMs: 1000 })
  expect(await selfTest(readers.reports, never())).not.toBe(primary)

  const blueprint = authBlueprint()
  await using old = await startLab({ ...blueprint, nodes: blueprint.nodes.slice(0, 1) }, { major: 15 })
  const options = { signal: never(), deadlineMs: 5000 }
  const link = await openNode({ name: 'old', url: old.url('primary', 'watch'), ...options })
  expect(await selfTest(nodeReader(link), never())).toBe(primary)
  await link.close()
})
