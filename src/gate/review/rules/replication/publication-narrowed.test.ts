import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './publication-narrowed.ts'

test.each([
  ['drop publication pub', {}, ['error primary:publication pub @ subscriber']],
  [
    'alter publication pub drop table users',
    { cluster: {} },
    ['error primary:publication pub:public.users @ subscriber'],
  ],
  [
    'alter publication pub set table other',
    { cluster: {} },
    ['error primary:publication pub:public.users @ subscriber'],
  ],
  [
    'alter publication pub set table users (id)',
    { cluster: {} },
    ['error primary:publication pub:public.users @ subscriber'],
  ],
  [`alter publication pub set (publish = 'insert')`, { cluster: {} }, ['error primary:publication pub @ subscriber']],
  [
    `alter publication pub set (publish = 'insert, update, delete')`,
    { cluster: {} },
    ['warning primary:publication pub @ subscriber'],
  ],
])('%j: whatever a publication no longer sends is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['alter publication pub add table audit', { cluster: {} }, []],
  ['drop publication other', { cluster: {} }, []],
])('%j: more tables, and a publication that nobody subscribes to, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
