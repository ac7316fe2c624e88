import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './identity-lost.ts'

test.each([
  ['alter table users drop constraint users_pkey', {}, ['error primary:public.users @ primary']],
  ['alter table users drop constraint users_pkey', { cluster: {} }, ['error primary:public.users @ primary']],
  ['alter table users replica identity nothing', { cluster: {} }, ['error primary:public.users @ primary']],
  [
    `alter publication pub set table users where (password_hash <> 'x')`,
    { cluster: {} },
    ['error primary:public.users @ primary'],
  ],
  [
    `-- antemortem:on subscriber
alter table users drop constraint users_pkey`,
    { cluster: {} },
    ['error subscriber:public.users @ subscriber'],
  ],
  [
    `alter table users drop constraint users_pkey;
alter table users add primary key (id)`,
    { cluster: {} },
    ['warning primary:public.users @ primary'],
  ],
])('%j: a published table without a key refuses updates on the primary itself', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['alter table users drop constraint users_name_key', { cluster: {} }, []],
  ['alter publication pub set table users where (id < 100)', { cluster: {} }, []],
])('%j: another constraint, and a filter by the key, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test('a key that one statement exchanges is never missing, and a new published table needs one', async () => {
  const cluster = {}
  const exchange = 'alter table users drop constraint users_pkey, add primary key (id)'
  expect(await reviewed(rule, exchange, { cluster })).toEqual([])
  const publish = 'alter publication pub add table log'
  expect(await reviewed(rule, `create table log (at timestamptz);\n${publish}`, { cluster })).toEqual([
    'error primary:public.log @ primary',
  ])
  expect(await reviewed(rule, `create table log (id int primary key);\n${publish}`, { cluster })).toEqual([])
  expect(await reviewed(rule, 'create table log (at timestamptz)', { cluster })).toEqual([])
})
