import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './commits-wait.ts'

test.each([
  [
    `alter system set synchronous_standby_names = 'nobody'`,
    { cluster: {} },
    ['error primary:synchronous_standby_names @ primary'],
  ],
  [
    `alter system set synchronous_standby_names = '2 (standby, nobody)'`,
    { cluster: {} },
    ['error primary:synchronous_standby_names @ primary'],
  ],
  [
    `alter system set synchronous_standby_names = 'nobody'`,
    {},
    ['warning primary:synchronous_standby_names @ primary'],
  ],
])('%j: a standby that is not connected is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [`alter system set synchronous_standby_names = 'standby'`, { cluster: {} }, []],
  [`alter system set synchronous_standby_names = '*'`, { cluster: {} }, []],
  [`alter system set synchronous_standby_names = ''`, {}, []],
  ['alter system reset synchronous_standby_names', {}, []],
])('%j: one that is, and nobody at all, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
