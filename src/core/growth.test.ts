import { expect, test } from 'vitest'
import { growthOf } from './growth.ts'

test('without an earlier value nothing can be said', () => {
  expect(growthOf([], 7)).toBeNull()
})

test('growth is counted from the first value', () => {
  expect(growthOf([5, 5, 6], 9)).toBe(4)
})

test('a reset of the statistics begins anew instead of a negative or a huge growth', () => {
  expect(growthOf([500], 2)).toBe(0)
  expect(growthOf([500, 2], 3)).toBe(1)
})
