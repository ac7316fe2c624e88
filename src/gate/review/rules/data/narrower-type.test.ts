import { expect, test } from 'vitest'
import { table, column } from '../../../../../test/builders.ts'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './narrower-type.ts'

const priced = {
  primary: { tables: [table('users', { columns: [column('id', 'integer'), column('price', 'numeric(10,2)')] })] },
}

test.each([
  [
    'alter table orders alter column amount type int using amount::int',
    {},
    ['warning primary:public.orders @ primary'],
  ],
  ['alter table users alter column price type int', { cluster: priced }, ['error primary:public.users @ primary']],
  [
    'alter table users alter column price type numeric(10, 0)',
    { cluster: priced },
    ['error primary:public.users @ primary'],
  ],
])('%j: a type that holds less is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['alter table users alter column price type numeric(12, 4)', { cluster: priced }, []],
  ['alter table users alter column password_hash type varchar(500)', { cluster: {} }, []],
  ['alter table users alter column id type bigint', {}, []],
])('%j: a wider one is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
