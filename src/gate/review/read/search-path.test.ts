import { expect, test } from 'vitest'
import { createdTable, namesIn } from '../../change/relations.ts'
import { readFiles } from './read-files.ts'

const tablesIn = async (text: string) => {
  const { statements } = await readFiles([{ name: 'm.sql', text, before: null }], null)
  return statements.flatMap(({ tree }) => namesIn(tree).relations).map(({ schema, name }) => `${schema ?? '-'}.${name}`)
}

test.each([
  ['set search_path to shop, public; alter table orders add column a int', ['shop.orders']],
  [`select pg_catalog.set_config('search_path', '', false); create table public.a (id int)`, ['public.a']],
  ['set search_path = public; create table a (id int)', ['-.a']],
  ['set search_path = shop; create table other.a (id int references b)', ['other.a', 'shop.b']],
  ['create table a (id int)', ['-.a']],
  ['set search_path = shop; drop table a, other.b', ['shop.a', 'other.b']],
])('%s', async (text, expected) => {
  expect(await tablesIn(text)).toEqual(expected)
})

test('a temporary table lies in no schema of the path', async () => {
  const { statements } = await readFiles(
    [{ name: 'm.sql', text: 'set search_path = shop; create temporary table a (id int)', before: null }],
    null,
  )
  expect(statements.map(({ tree }) => createdTable(tree))).toEqual([null, { schema: null, name: 'a' }])
})
