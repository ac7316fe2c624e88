import { expect, test } from 'vitest'
import { nextBeat } from './beat.ts'

test('rounds that were held up together go on at the times of their own', () => {
  expect([0, 100, 200].map((dueAt) => nextBeat(dueAt, 350, 1000))).toEqual([1000, 1100, 1200])
})

test('a round that took longer than its beat is followed by the next one at once', () => {
  expect(nextBeat(0, 1250, 1000)).toBe(1250)
})
