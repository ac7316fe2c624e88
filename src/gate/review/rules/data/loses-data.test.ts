import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './loses-data.ts'

test.each([
  ['drop table users', { cluster: {} }, ['warning primary:public.users @ primary']],
  ['alter table users drop column password_hash', {}, ['warning primary:public.users @ primary']],
  ['truncate users', {}, ['warning primary:public.users @ primary']],
  [`update users set password_hash = 'x'`, {}, ['warning primary:public.users @ primary']],
  ['delete from users', {}, ['warning primary:public.users @ primary']],
  ['drop schema public cascade', { cluster: {} }, ['warning primary:public.users @ primary']],
  ['drop database auth', {}, ['warning primary:database auth @ primary']],
])('%j: what throws rows away is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `create table moved as select 1;
drop table moved`,
    {},
    [],
  ],
  ['drop table if exists not_there', { cluster: {} }, []],
  ['delete from users where id = 1', {}, []],
  ['drop index users_name_idx', {}, []],
])('%j: what the change itself has made, and rows that are named, may go', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test('all that a role owns is told', async () => {
  expect(await reviewed(rule, 'drop owned by app')).toEqual(['warning primary:role app @ primary'])
})
