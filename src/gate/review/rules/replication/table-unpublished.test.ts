import { expect, test } from 'vitest'
import { table } from '../../../../../test/builders.ts'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './table-unpublished.ts'

test.each([
  [
    'create table audit (id int primary key)',
    { cluster: {} },
    ['error primary:publication pub:public.audit @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber, primary
create table audit (id int primary key);
-- antemortem:on primary
alter publication pub add table audit`,
    { cluster: {} },
    ['error primary:publication pub:public.audit @ subscriber'],
  ],
])(
  '%j: a table that nobody publishes, or of which no subscription was told, is told',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test.each([
  [
    `-- antemortem:on subscriber, primary
create table audit (id int primary key);
-- antemortem:on primary
alter publication pub add table audit;
-- antemortem:on subscriber
alter subscription sub refresh publication`,
    { cluster: {} },
    [],
  ],
  ['create table shop.audit (id int primary key)', { cluster: {} }, []],
])(
  '%j: a table that is published and refreshed, and one of a schema that is not carried, are well',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test('a table that was there and is added to the publication must be told to its subscriptions', async () => {
  const cluster = { primary: { tables: [table('users'), table('old')] } }
  const add = 'alter publication pub add table old;'
  const refresh = '-- antemortem:on subscriber\nalter subscription sub refresh publication;'
  expect(await reviewed(rule, add, { cluster })).toEqual(['error primary:publication pub:public.old @ subscriber'])
  expect(await reviewed(rule, `${add}\n${refresh}`, { cluster })).toEqual([])
  expect(await reviewed(rule, 'alter publication pub set table users', { cluster })).toEqual([])
})
