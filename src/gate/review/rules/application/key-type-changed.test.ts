import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './key-type-changed.ts'

test.each([
  ['alter table notes alter column id type text', {}, ['error primary:public.notes @ primary']],
  ['alter table users alter column id type text', { cluster: {} }, ['error primary:public.users @ primary']],
])('%j: a key that becomes text is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['alter table users alter column id type bigint', { cluster: {} }, []],
  ['alter table users alter column password_hash type varchar(900)', { cluster: {} }, []],
  ['alter table notes alter column title type text', {}, []],
])('%j: a wider number, and text that stays text, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
