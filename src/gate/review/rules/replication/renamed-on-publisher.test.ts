import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './renamed-on-publisher.ts'

test.each([
  ['alter table users rename column password_hash to hash', {}, ['error subscriber:public.users @ subscriber']],
  ['alter table users rename to people', { cluster: {} }, ['error subscriber:public.users @ subscriber']],
  [
    `alter table users rename to people;
-- antemortem:on subscriber
alter table users rename to people`,
    { cluster: {} },
    ['warning subscriber:public.users @ subscriber'],
  ],
  ['alter table other rename to another', { cluster: {} }, ['warning primary:public.other @ primary']],
])('%j: a new name is one that the subscriber does not know', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['alter table users rename constraint users_pkey to users_key', {}, []],
  [
    `create table draft (id int);
alter table draft rename to final`,
    {},
    [],
  ],
])('%j: names of constraints and of what the change itself has made are free', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test('another table that takes the name and is published under it is no loss of the name', async () => {
  const text = 'alter table users rename to users_old; create table users (like users_old);'
  const published = `${text} alter publication pub add table users`
  expect(await reviewed(rule, published, { cluster: {} })).toEqual([])
  expect(await reviewed(rule, text, { cluster: {} })).toEqual(['error subscriber:public.users @ subscriber'])
})

test('a table that moves to another schema, alone or with it, is another one', async () => {
  const expected = ['error subscriber:public.users @ subscriber']
  expect(await reviewed(rule, 'alter table users set schema archive', { cluster: {} })).toEqual(expected)
  expect(await reviewed(rule, 'alter schema public rename to app', { cluster: {} })).toEqual(expected)
  expect(await reviewed(rule, 'alter index users_pkey rename to users_key', { cluster: {} })).toEqual([])
})
