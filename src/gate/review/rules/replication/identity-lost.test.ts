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
