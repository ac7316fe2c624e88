import { expect, test } from 'vitest'
import { column, node, publication, table } from '../../../test/builders.ts'
import { readChangeFile } from '../files/read-file.ts'
import { wordsOf } from './back-order.ts'
import { beforeOf } from './before.ts'
import { inverseOf } from './inverse.ts'

const before = node('primary', 'primary', {
  tables: [
    table('users', {
      columns: [column('id', 'integer', { notNull: true }), column('note', 'text', { default: `'x'::text` })],
    }),
  ],
  publications: [publication(['users', 'orders'])],
  roleSettings: [{ role: 'app', database: null, name: 'search_path', value: 'public' }],
})
const inverse = async (text: string) => {
  const statements = await readChangeFile({ name: 'm.sql', text })
  const [statement] = statements
  return statement ? inverseOf(statement, 0, beforeOf(before, { here: statements, onPrimary: [] })) : { none: 'empty' }
}
const words = async (text: string): Promise<readonly string[]> => {
  const found = await inverse(text)
  return 'none' in found ? [`none: ${found.none}`] : found.orders.map(wordsOf)
}

test.each([
  ['create table notes (id int)', ['drop table notes, if nobody else has written rows into it']],
  ['create table if not exists users (id int)', []],
  ['insert into users values (1)', ['delete the rows that it has inserted into users']],
  ['create index on users (note)', ['drop the index that it has made']],
  ['create type shop.mood as enum ()', ['drop type shop.mood']],
  [
    'alter table users add column phone text, alter column id drop not null',
    ['alter table users alter column id set not null, drop column phone'],
  ],
  [
    'alter table users alter column id type bigint',
    ['alter table users alter column id type integer using id::integer'],
  ],
  ['alter table users alter column note drop default', [`alter table users alter column note set default 'x'::text`]],
  ['alter table users replica identity full', ['alter table users replica identity default']],
  ['alter table public.users rename to people', ['alter table public.people rename to users']],
  ['alter table users rename column note to words', ['alter table users rename column words to note']],
  ['revoke select on users from app', ['grant select on users to app']],
  ['grant select, insert on users to app, other', ['revoke select, insert on users from app, other']],
  [`alter system set work_mem = '8MB'`, ['set work_mem back to what it was']],
  [`alter role app set search_path = 'elsewhere'`, [`alter role app set search_path = 'public'`]],
  [`alter role app set work_mem = '8MB'`, ['alter role app reset work_mem']],
  ['alter subscription sub disable', ['alter subscription sub enable']],
  [
    'alter publication pub drop table orders',
    [
      'alter publication pub set table public.users, public.orders',
      `alter publication pub set (publish = 'insert, update, delete, truncate')`,
    ],
  ],
  [
    'drop publication pub',
    [
      `create publication pub for table public.users, public.orders with (publish = 'insert, update, delete, truncate')`,
    ],
  ],
  ['set lock_timeout = 1', []],
  ['select 1', []],
  [`select pg_create_physical_replication_slot('spare', true)`, [`select pg_drop_replication_slot('spare')`]],
  ['select pg_wal_replay_pause()', ['select pg_wal_replay_resume()']],
])('%s is taken back', async (text, expected) => {
  expect(await words(text)).toEqual(expected)
})

test.each([
  'drop table users',
  'delete from users',
  `alter type mood add value 'x'`,
  'alter table users drop column note',
  'do $$ begin end $$',
])('nothing is known to take %s back', async (text) => {
  expect(await inverse(text)).toHaveProperty('none')
})

test.each([
  ['alter table users alter column id type bigint', true],
  ['grant select on users to app', true],
  ['alter table users add column phone text', undefined],
])('whether it is only surmised what takes %s back: %s', async (text, isSurmised) => {
  expect(await inverse(text)).toEqual(expect.objectContaining({ orders: expect.anything() }))
  expect(Object(await inverse(text)).isSurmised).toBe(isSurmised)
})

test('what is made on a table of the change goes with the table', async () => {
  const statements = await readChangeFile({ name: 'm.sql', text: 'create index on new (id);create table new (id int)' })
  const [index] = statements
  expect(index && inverseOf(index, 0, beforeOf(before, { here: statements, onPrimary: [] }))).toEqual({ orders: [] })
})
