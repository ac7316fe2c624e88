import { expect, test } from 'vitest'
import { publication, subscription, table } from '../../../../test/builders.ts'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './table-not-carried.ts'

const both = [table('users'), table('user_credentials')]
const run = (...args: Parameters<typeof rehearsal>) => [...rule.run(rehearsal(...args))]

test('seed 0: a table on both nodes that the publication does not name is blocked, with table, publication and node', () => {
  expect(run({ is: { primary: { tables: both }, subscriber: { tables: both } } })).toMatchObject([
    {
      object: 'primary:publication pub:public.user_credentials',
      nodes: ['subscriber'],
      severity: 'error',
      about: ['public.user_credentials'],
    },
  ])
})

test('the remedy is the corrected file', async () => {
  const results = await resultsOf({
    name: 'm.sql',
    text: `-- antemortem:on subscriber, primary
create table user_credentials (user_id int primary key);
insert into user_credentials select id from users;
-- antemortem:on primary
alter table users drop column password_hash;`,
  })
  const [found] = run({ results, is: { primary: { tables: both }, subscriber: { tables: both } } })
  expect(found?.remedy).toBe(`Write the change as:
-- antemortem:on subscriber
create table user_credentials (user_id int primary key);
-- antemortem:on primary
create table user_credentials (user_id int primary key);
alter publication pub add table public.user_credentials;
insert into user_credentials select id from users;
alter table users drop column password_hash;
-- antemortem:on subscriber
alter subscription sub refresh publication;`)
})

test('a table that only a subscriber that serves reads would need is blocked, though it is absent there', () => {
  const is = { primary: { tables: both } }
  expect(run({ is })).toEqual([])
  expect(run({ is, serving: new Set(['subscriber']) })).toMatchObject([{ severity: 'error' }])
})

test('where other tables of the schema are not carried either, one more is a warning', () => {
  const local = [table('users'), table('local')]
  expect(
    run({
      was: { primary: { tables: local }, subscriber: { tables: [table('users')] } },
      is: { primary: { tables: [...local, table('more')] }, subscriber: { tables: [table('users'), table('more')] } },
    }),
  ).toMatchObject([{ object: 'primary:publication pub:public.more', severity: 'warning' }])
})

test('what was not carried before is not the fault of this change', () => {
  const is = { primary: { tables: both }, subscriber: { tables: both } }
  expect(run({ was: is, is, serving: new Set(['subscriber']) })).toEqual([])
})

test('taking a table out of the publication, filtering it or dropping the publication loses rows in silence', () => {
  const partly = publication(['users'], {
    tables: [{ schema: 'public', name: 'users', columns: null, rowFilter: '(id > 3)' }],
  })
  for (const publications of [[publication([])], [partly], []])
    expect(run({ is: { primary: { publications } } })).toMatchObject([
      { object: 'primary:publication pub:public.users', severity: 'error' },
    ])
})

test('a table that is published, and carried after a refresh, is none of it', () => {
  expect(
    run({
      is: {
        primary: { tables: both, publications: [publication(['users', 'user_credentials'])] },
        subscriber: { tables: both, subscriptions: [subscription(['users', 'user_credentials'])] },
      },
    }),
  ).toEqual([])
})

test('published and not refreshed is not carried', () => {
  const [found] = run({
    is: {
      primary: { tables: both, publications: [publication(['users', 'user_credentials'])] },
      subscriber: { tables: both },
    },
  })
  expect(found?.message).toContain('pg_subscription_rel')
})
