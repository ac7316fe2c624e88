import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './unlogged-table.ts'

test.each([
  ['create unlogged table cart (id int)', {}, ['warning primary:public.cart @ standby']],
  ['alter table users set unlogged', { cluster: {} }, ['warning primary:public.users @ standby']],
])('%j: a table without WAL is told of the standbys that cannot read it', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['create table cart (id int)', {}, []],
  ['create temporary table cart (id int)', {}, []],
])('%j: an ordinary and a temporary table are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
