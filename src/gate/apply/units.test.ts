import { expect, test } from 'vitest'
import { readChange } from '../change/read-change.ts'
import { stepsOf } from '../run/targets.ts'
import { unitsOf } from './units.ts'

const nodes = [
  { name: 'primary', role: 'primary' },
  { name: 'reports', role: 'subscriber' },
] as const

const unitsIn = async (text: string) =>
  unitsOf(stepsOf(await readChange({ name: 'm.sql', text }), nodes)).map(({ node, statements, isAlone, settings }) => ({
    node,
    sql: statements.map(({ sql }) => sql.replaceAll(/--[^\n]*\n/g, '').trim()),
    ...(isAlone && { isAlone }),
    ...(settings.length > 0 && { settings }),
  }))

test('definitions of one new table are one transaction, rows are one of their own', async () => {
  expect(
    await unitsIn(`create table a (id int primary key); alter publication p add table a; create index on a (id);
insert into a select id from users; select 1`),
  ).toEqual([
    {
      node: 'primary',
      sql: ['create table a (id int primary key)', 'alter publication p add table a', 'create index on a (id)'],
    },
    { node: 'primary', sql: ['insert into a select id from users'] },
    { node: 'primary', sql: ['select 1'] },
  ])
})

test('two tables that were there before are never locked by one transaction', async () => {
  expect(
    await unitsIn(
      'alter table a add x int; alter table public.a add y int; alter table b add x int; create index on a (x)',
    ),
  ).toEqual([
    { node: 'primary', sql: ['alter table a add x int', 'alter table public.a add y int'] },
    { node: 'primary', sql: ['alter table b add x int'] },
    { node: 'primary', sql: ['create index on a (x)'] },
  ])
})

test('a transaction of the file stays one, whatever stands in it', async () => {
  expect(await unitsIn('begin; alter table a add x int; update b set y = 1; commit; select 2')).toEqual([
    { node: 'primary', sql: ['alter table a add x int', 'update b set y = 1'] },
    { node: 'primary', sql: ['select 2'] },
  ])
  expect(await unitsIn('begin; drop table a; rollback')).toEqual([])
})

test('what refuses a transaction block stands alone', async () => {
  const alone = [
    'create index concurrently i on a (x)',
    'drop index concurrently i',
    'vacuum a',
    "alter system set work_mem = '8MB'",
    'alter subscription s refresh publication',
    'reindex (concurrently) table a',
    'alter table a detach partition b concurrently',
    'call p()',
  ]
  expect(await unitsIn(alone.join(';\n'))).toEqual(alone.map((sql) => ({ node: 'primary', sql: [sql], isAlone: true })))
})

test('a statement for two nodes runs on one after the other, as it was rehearsed', async () => {
  const text = '-- antemortem:on reports, primary\nalter table a add x int; alter table a add y int'
  expect(await unitsIn(text)).toEqual([
    { node: 'reports', sql: ['alter table a add x int'] },
    { node: 'primary', sql: ['alter table a add x int'] },
    { node: 'reports', sql: ['alter table a add y int'] },
    { node: 'primary', sql: ['alter table a add y int'] },
  ])
})

test('what a file sets for its session holds for what follows', async () => {
  expect(await unitsIn('set search_path = app; alter table a add x int')).toEqual([
    { node: 'primary', sql: ['alter table a add x int'], settings: ['set search_path = app'] },
  ])
})

test.each([
  ['begin; alter table a add x int', 'm.sql:1: the file ends inside this transaction'],
  ['create temp table a (x int)', 'm.sql:1: a temporary table lasts no longer than its transaction here'],
  ["begin; prepare transaction 'x'", 'm.sql:1: a prepared transaction outlives the change'],
])('%s cannot be applied', async (text, message) => {
  await expect(unitsIn(text)).rejects.toThrow(message)
})
