import { expect, test } from 'vitest'
import { column, node, publication, table } from '../../../test/builders.ts'
import { readChangeFile } from '../files/read-file.ts'
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
  const [statement] = await readChangeFile({ name: 'm.sql', text })
  return statement ? inverseOf(statement, before) : null
}

test.each([
  ['create table notes (id int)', ['drop table "notes"']],
  ['create type shop.mood as enum ()', ['drop type "shop"."mood"']],
  [
    'alter table users add column phone text, alter column id drop not null',
    ['alter table "users" alter column "id" set not null', 'alter table "users" drop column "phone"'],
  ],
  [
    'alter table users alter column id type bigint',
    ['alter table "users" alter column "id" type integer using "id"::integer'],
  ],
  [
    'alter table users alter column note drop default',
    [`alter table "users" alter column "note" set default 'x'::text`],
  ],
  ['alter table users replica identity full', ['alter table "users" replica identity default']],
  ['alter table public.users rename to people', ['alter table "public"."people" rename to "users"']],
  ['alter table users rename column note to words', ['alter table "users" rename column "words" to "note"']],
  ['revoke select on users from app', ['grant select on users to app']],
  ['grant select, insert on users to app, other', ['revoke select, insert on users from app, other']],
  [`alter system set work_mem = '8MB'`, ['alter system reset "work_mem"']],
  [`alter role app set search_path = 'elsewhere'`, [`alter role "app" set "search_path" = 'public'`]],
  [`alter role app set work_mem = '8MB'`, ['alter role "app" reset "work_mem"']],
  ['alter subscription sub disable', ['alter subscription "sub" enable']],
  [
    'alter publication pub drop table orders',
    [
      'alter publication "pub" set table "public"."users", "public"."orders"',
      `alter publication "pub" set (publish = 'insert, update, delete, truncate')`,
    ],
  ],
  [
    'drop publication pub',
    [
      `create publication "pub" for table "public"."users", "public"."orders" with (publish = 'insert, update, delete, truncate')`,
    ],
  ],
  ['set lock_timeout = 1', []],
  ['select 1', []],
  [`select pg_create_physical_replication_slot('spare', true)`, [`select pg_drop_replication_slot('spare')`]],
  ['select pg_wal_replay_pause()', ['select pg_wal_replay_resume()']],
])('%s is taken back', async (text, expected) => {
  expect(await inverse(text)).toEqual(expected)
})

test.each([
  'drop table users',
  'delete from users',
  `alter type mood add value 'x'`,
  'alter table users drop column note',
  'do $$ begin end $$',
])('nothing is known to take %s back', async (text) => {
  expect(await inverse(text)).toBeNull()
})
