import { expect, test } from 'vitest'
import { seedsOf } from './seeds.ts'

test('a seed is one number, or a range with both ends', () => {
  expect(seedsOf('7')).toEqual([7])
  expect(seedsOf('3..6')).toEqual([3, 4, 5, 6])
  expect(seedsOf('1..100')).toHaveLength(100)
})

test.each(['', 'x', '-1', '1.5', '1..', '..4', '5..1', '1...3', '1..1000000', '1 .. 3'])('"%s" is no seed', (text) => {
  expect(seedsOf(text)).toBeNull()
})
