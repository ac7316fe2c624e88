import { expect, test } from 'vitest'
import { publication } from '../../../../../test/builders.ts'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './table-not-on-subscriber.ts'

test.each([
  [
    'create table audit (id int primary key)',
    { cluster: { primary: { publications: [publication(['users'], { allTables: true })] } } },
    ['error subscriber:public.audit @ subscriber'],
  ],
  [
    `create table audit (id int primary key);
alter publication pub add table audit`,
    { cluster: {} },
    ['error subscriber:public.audit @ subscriber'],
  ],
])('%j: a table that is sent and is not there stops the subscription', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['create table audit (id int primary key)', { cluster: {} }, []],
  [
    'create temporary table audit (id int)',
    { cluster: { primary: { publications: [publication(['users'], { allTables: true })] } } },
    [],
  ],
  [
    `alter publication pub set (publish_via_partition_root = true);
create table users_27 partition of users for values in (27)`,
    { cluster: {} },
    [],
  ],
])(
  '%j: a table that nobody sends, a temporary one, and a partition that goes by its root, need not be there',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test('a subscriber that drops or renames what it receives is told, its own tables are its own', async () => {
  const on = '-- antemortem:on subscriber\n'
  const expected = ['error subscriber:public.users @ subscriber']
  expect(await reviewed(rule, `${on}drop table users`, { cluster: {} })).toEqual(expected)
  expect(await reviewed(rule, `${on}alter table users rename to people`, { cluster: {} })).toEqual(expected)
  expect(await reviewed(rule, `${on}drop table report`, { cluster: {} })).toEqual([])
})
