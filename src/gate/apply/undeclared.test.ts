import { expect, test } from 'vitest'
import type { Change, ChangeKind } from '../../core/change.ts'
import { readChange } from '../change/read-change.ts'
import { readAllow, undeclaredOf } from './undeclared.ts'

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

async function left(
  sql: string,
  changes: readonly Change[],
  allow: readonly string[] = [],
): Promise<readonly string[]> {
  const statements = await readChange({ name: 'm.sql', text: sql })
  const steps = statements.map((statement) => ({ statement, nodes: ['primary'] }))
  return undeclaredOf(changes, steps, readAllow(allow)).map(({ object }) => object)
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
])('%s declares the change of %s', async (sql, object) => {
  expect(await left(sql, [changed('schema', object)])).toEqual([])
})

test('what no statement names is not declared', async () => {
  const strange = [changed('setting', 'primary:fsync'), changed('schema', 'primary:public.orders'), users]
  expect(await left('alter table users add x int', strange)).toEqual(['primary:fsync', 'primary:public.orders'])
  // The same name in another schema is another table.
  expect(await left('alter table app.users add x int', [users])).toEqual(['primary:public.users'])
})

test('what is allowed by kind, by name or by pattern is not reported', async () => {
  const strange = [changed('setting', 'primary:work_mem'), users]
  expect(await left('select 1', strange, ['schema:public.users,settings'])).toEqual([])
  expect(await left('select 1', strange, ['schema:public.*'])).toEqual(['primary:work_mem'])
  expect(await left('select 1', strange, ['settings:work'])).toHaveLength(2)
})

test('a word that is no kind is refused', () => {
  expect(() => readAllow(['tables:users'])).toThrow('--allow tables:users: expected KIND or KIND:NAME')
})
