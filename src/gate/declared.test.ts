import { expect, test } from 'vitest'
import type { Change, ChangeKind } from '../core/change.ts'
import { readChange } from './change/read-change.ts'
import { isDeclared } from './declared.ts'

const changed = (kind: ChangeKind, object: string): Change => ({
  id: object,
  atMs: 2,
  notBeforeMs: 1,
  kind,
  object,
  before: 'a',
  after: 'b',
  source: 'fingerprint',
})

async function left(sql: string, changes: readonly Change[]): Promise<readonly string[]> {
  const statements = await readChange({ name: 'm.sql', text: sql })
  return changes.filter((change) => !isDeclared(change, statements)).map(({ object }) => object)
}

const users = changed('schema', 'primary:public.users')

test.each([
  ['alter table users add x int', 'primary:public.users'],
  ['alter table app.users add x int', 'primary:app.users'],
  ['alter table users rename to people', 'primary:public.people'],
  ['alter publication p add table users', 'primary:publication p:public.users'],
  ['alter subscription s disable', 'reports:subscription s'],
  ["alter system set work_mem = '8MB'", 'primary:work_mem'],
  ["alter role app set work_mem = '8MB'", 'primary:role app work_mem'],
  ['create role somebody', 'primary:role somebody'],
  ['create function f() returns int language sql as $$ select 1 $$', 'primary:public.f()'],
  ['create extension amcheck', 'primary:extension amcheck'],
  ['drop table users', 'primary:publication p:public.users'],
  ['do $$ begin alter table users add x int; end $$', 'primary:public.users'],
])('%s declares the change of %s', async (sql, object) => {
  expect(await left(sql, [changed('schema', object)])).toEqual([])
})

test('what no statement names is not declared', async () => {
  const strange = [changed('setting', 'primary:fsync'), changed('schema', 'primary:public.orders'), users]
  expect(await left('alter table users add x int', strange)).toEqual(['primary:fsync', 'primary:public.orders'])
  // The same name in another schema is another table.
  expect(await left('alter table app.users add x int', [users])).toEqual(['primary:public.users'])
})

test('what a cascade takes along is not declared, though it spoke of a table that is', async () => {
  const cascade: Change = {
    ...changed('schema', 'primary:public.orders'),
    before: 'FOREIGN KEY (u) REFERENCES users(id)',
  }
  expect(await left('alter table users drop constraint users_pkey cascade', [cascade, users])).toEqual([
    'primary:public.orders',
  ])
})

test('an index that is dropped by its own name declares that its table is another then', async () => {
  const dropped: Change = { ...users, before: 'index CREATE UNIQUE INDEX users_pkey ON public.users USING btree (id)' }
  expect(await left('drop index users_pkey', [dropped])).toEqual([])
  expect(await left('drop index other', [dropped])).toEqual(['primary:public.users'])
})

test('a setting of the server declares nothing of a role’s', async () => {
  expect(
    await left("alter system set work_mem = '8MB'", [changed('setting', 'primary:role app work_mem')]),
  ).toHaveLength(1)
})
