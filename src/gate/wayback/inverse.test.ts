import { expect, test } from 'vitest'
import { column, node, publication, table } from '../../../test/builders.ts'
import { rollbackClass, worst } from '../change/rollback-class.ts'
import { readChangeFile } from '../files/read-file.ts'
import { wordsOf } from './back-order.ts'
import { beforeOf } from './before.ts'
import { callsBack } from './calls.ts'
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
  ['create policy own on shop.notes using (true)', ['drop policy own on shop.notes']],
  ['alter policy own on shop.notes rename to mine', ['alter policy mine on shop.notes rename to own']],
  ['create sequence shop.numbers', ['drop sequence shop.numbers']],
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
  'alter sequence numbers restart with 100',
  'alter sequence numbers increment by 5',
  'drop sequence numbers',
  `select setval('numbers', 100)`,
  'alter table users enable row level security',
  'alter default privileges grant select on tables to app',
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

test.each([
  'create sequence numbers; alter sequence numbers owned by users.id',
  'create sequence numbers; grant usage on sequence numbers to app',
  'create table notes (id int); alter table notes force row level security',
  'create table notes (id int); create policy own on notes using (true)',
  'create view people as select 1; grant select on people to app',
])('%s: the second goes with the first', async (text) => {
  const statements = await readChangeFile({ name: 'm.sql', text })
  const [, second] = statements
  expect(second && inverseOf(second, 1, beforeOf(before, { here: statements, onPrimary: [] }))).toEqual({ orders: [] })
})

test.each([
  [`select setval('numbers', 100)`, 'R3'],
  ['alter sequence numbers increment by 5 restart', 'R3'],
  ['alter table users alter column id set increment by 2 restart', 'R3'],
  ['drop sequence numbers', 'R3'],
  ['alter sequence numbers increment by 5', 'R1'],
  ['create sequence numbers', 'R1'],
  ['alter policy own on users using (true)', 'R1'],
  ['alter default privileges grant select on tables to app', 'R1'],
])('%s is %s by its form', async (text, expected) => {
  const [statement] = await readChangeFile({ name: 'm.sql', text })
  expect(statement && worst([rollbackClass(statement.tree), callsBack(statement.tree)?.form ?? 'R0'])).toBe(expected)
})
