import { expect, test } from 'vitest'
import { publishes, publishesByRoot } from './publishing.ts'
import { readChange } from './read-change.ts'

const tree = async (sql: string) => (await readChange({ name: 'm.sql', text: sql }))[0]?.tree ?? {}

test.each([
  ['alter publication p add table a', true],
  ['alter publication p add table b, only s.a (id) where (id > 1)', true],
  ['ALTER PUBLICATION "p" ADD TABLE "s"."a"', true],
  ['alter publication p set table a', true],
  ['alter publication p add tables in schema s', true],
  ['alter publication p add tables in schema t, current_schema', true],
  ['create publication p for all tables', true],
  ['create publication p for table b, tables in schema s', true],
  ['alter publication p set table b', false],
  ['alter publication p drop table s.a', false],
  ['create publication p for table b', false],
  ['alter publication p add table t.a', null],
  ['alter publication p add table "A"', null],
  ['alter publication p drop table b', null],
  [`alter publication p set (publish = 'insert')`, null],
  ['alter publication p owner to me', null],
  ['alter publication other add table a', null],
  ['create table a (b int)', null],
])('%s: s.a is listed in p afterwards: %s', async (sql, expected) => {
  expect(publishes(await tree(sql), ['p'], 's', 'a')).toBe(expected)
})

test.each([
  ['alter publication p set (publish_via_partition_root = true)', true],
  ['alter publication p set (publish_via_partition_root)', true],
  [`create publication p for table a with (publish_via_partition_root = 'on')`, true],
  ['alter publication p set (publish_via_partition_root = false)', false],
  [`alter publication p set (publish = 'insert')`, null],
  ['alter publication other set (publish_via_partition_root = true)', null],
  ['alter publication p add table a', null],
])('%s: partitions of p go by the name of their root: %s', async (sql, expected) => {
  expect(publishesByRoot(await tree(sql), ['p'])).toBe(expected)
})
