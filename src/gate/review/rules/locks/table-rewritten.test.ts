import { expect, test } from 'vitest'
import { table } from '../../../../../test/builders.ts'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './table-rewritten.ts'

const large = { primary: { tables: [table('users', { rowsEstimated: 200_000 })] } }

test.each([
  ['alter table users add column tag uuid default gen_random_uuid()', {}, ['warning primary:public.users @ primary']],
  [
    'alter table users add column twice int generated always as (id * 2) stored',
    { cluster: large },
    ['warning primary:public.users @ primary'],
  ],
  ['alter table users alter column id type bigint', { cluster: large }, ['warning primary:public.users @ primary']],
  ['vacuum full users', {}, ['warning primary:public.users @ primary']],
])('%j: what writes a large table anew is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['alter table users add column at timestamptz default now()', {}, []],
  ['alter table users alter column password_hash type text', { cluster: large }, []],
  ['alter table users add column twice int generated always as (id * 2) virtual', {}, []],
  ['alter table users alter column id type bigint', { cluster: {} }, []],
])('%j: constant defaults, longer text, virtual columns and small tables are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
