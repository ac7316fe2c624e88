import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './prepared-transaction.ts'

test.each([
  [
    `begin;
prepare transaction 'left'`,
    {},
    ['error primary:left @ primary'],
  ],
])('%j: one that is not ended is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `begin;
prepare transaction 'done';
commit prepared 'done'`,
    {},
    [],
  ],
])('%j: one that is ended is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
