import { expect, test } from 'vitest'
import { flag, quantity } from './quantity.ts'

test.each([
  ['2MB', '', 2 * 1024 ** 2],
  ['64', 'MB', 64 * 1024 ** 2],
  ['16384', '8kB', 128 * 1024 ** 2],
  ['1.5GB', '8kB', 1.5 * 1024 ** 3],
  ['10min', 'ms', 600_000],
  ['300', 'ms', 300],
  ['-1', 'MB', -1],
  ['0', 'ms', 0],
  ['sixty', '', null],
  ['10 parsecs', '', null],
])('%s with unit %j is %s', (value, unit, expected) => {
  expect(quantity(value, unit)).toBe(expected)
})

test.each([
  ['on', true],
  ['OFF', false],
  ['t', true],
  ['fal', false],
  ['1', true],
  ['o', null],
  ['perhaps', null],
])('%s is %s', (value, expected) => {
  expect(flag(value)).toBe(expected)
})
