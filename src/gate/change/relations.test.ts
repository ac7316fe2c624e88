import { expect, test } from 'vitest'
import { readChange } from './read-change.ts'
import { createdTable, namesIn, transactionWord } from './relations.ts'
import { rollbackClass, worst } from './rollback-class.ts'

const tree = async (sql: string) => (await readChange({ name: 'm.sql', text: sql }))[0]?.tree ?? {}

test.each([
  ['create table s.a (b int references c (id))', ['s.a', '?.c']],
  ['insert into a select * from s.b', ['?.a', 's.b']],
  ['drop table s.a, b', ['s.a', '?.b']],
  ['alter publication p add table a', ['?.a', 'publication p']],
  ['drop publication p', ['publication p']],
  ['alter subscription s refresh publication', ['subscription s']],
])('%s names %j', async (sql, expected) => {
  const { relations, publications, subscriptions } = namesIn(await tree(sql))
  expect([
    ...relations.map(({ schema, name }) => `${schema ?? '?'}.${name}`),
    ...publications.map((name) => `publication ${name}`),
    ...subscriptions.map((name) => `subscription ${name}`),
  ]).toEqual(expected)
})

test('the table that a statement makes is told', async () => {
  expect(createdTable(await tree('create table s.a (b int)'))).toEqual({ schema: 's', name: 'a' })
  expect(createdTable(await tree('create table a as select 1'))).toEqual({ schema: null, name: 'a' })
  expect(createdTable(await tree('create index on a (b)'))).toBeNull()
})

test.each([
  ['begin', 'begin'],
  ['start transaction', 'start'],
  ['commit', 'commit'],
  ['rollback', 'rollback'],
  ['select 1', null],
])('%s is %s of a transaction', async (sql, word) => {
  expect(transactionWord(await tree(sql))).toBe(word)
})

test.each([
  ['select 1', 'R0'],
  ['with x as (delete from a returning 1) select * from x', 'R3'],
  ['create table a (b int)', 'R1'],
  ['alter table a add column b int', 'R1'],
  ['alter table a add column b int, drop column c', 'R3'],
  ['alter table a alter b type int', 'R3'],
  ['alter publication p add table a', 'R2'],
  ['drop publication p', 'R2'],
  ['drop table a', 'R3'],
  ['drop index a', 'R1'],
  ['update a set b = 1', 'R3'],
  ['insert into a values (1)', 'R1'],
  ['insert into a values (1) on conflict (b) do update set b = 2', 'R3'],
  [`alter type mood add value 'x'`, 'R4'],
  ['do $$ begin end $$', 'R3'],
])('%s is %s', async (sql, expected) => {
  expect(rollbackClass(await tree(sql))).toBe(expected)
})

test('a change is as hard to take back as its worst statement', () => {
  expect(worst(['R1', 'R3', 'R2'])).toBe('R3')
  expect(worst([])).toBe('R0')
})
