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

test.each([
  'alter publication pub add table user_credentials',
  'ALTER PUBLICATION "pub" ADD TABLE "public"."user_credentials"',
  'alter publication pub set table users, public.user_credentials',
  'alter publication pub add tables in schema public',
])('the corrected file has "%s" once, and nothing that adds the table again', async (sql) => {
  const results = await resultsOf({ name: 'm.sql', text: `create table user_credentials (user_id int);\n${sql};` })
  // On the copy the statement may have failed, or worked and lack the refresh.
  for (const publications of [[publication(['users'])], [publication(['users', 'user_credentials'])]]) {
    const [found] = run({ results, is: { primary: { tables: both, publications }, subscriber: { tables: both } } })
    expect(found?.remedy.match(/alter publication/gi)).toHaveLength(1)
    expect(found?.remedy).toContain(`${sql};\n-- antemortem:on subscriber\nalter subscription sub refresh publication;`)
  }
})

test('what the copy publishes without a word of the change needs no word in the corrected file', async () => {
  const results = await resultsOf({ name: 'm.sql', text: 'create table user_credentials (user_id int)' })
  const publications = [publication(['users', 'user_credentials'], { allTables: true })]
  const [found] = run({ results, is: { primary: { tables: both, publications }, subscriber: { tables: both } } })
  expect(found?.remedy).not.toContain('alter publication')
})

test('a table that the change adds and takes out again is added at the end', async () => {
  const text = `create table user_credentials (user_id int);
alter publication pub add table user_credentials;
alter publication pub drop table user_credentials;`
  const [found] = run({
    results: await resultsOf({ name: 'm.sql', text }),
    is: { primary: { tables: both }, subscriber: { tables: both } },
  })
  expect(found?.remedy).toContain(
    'drop table user_credentials;\nalter publication pub add table public.user_credentials;\n-- antemortem:on subscriber',
  )
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

test('a new table in a schema of which a reading subscriber gets nothing is not meant for it', () => {
  const tags = table('tags', { schema: 'shop' })
  const serving = new Set(['subscriber'])
  expect(run({ serving, is: { primary: { tables: [table('users'), tags] } } })).toEqual([])
  expect(run({ serving, is: { primary: { tables: [table('users'), table('tags')] } } })).toMatchObject([
    { object: 'primary:publication pub:public.tags' },
  ])
})
