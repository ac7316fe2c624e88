import { expect, test } from 'vitest'
import { beginPace, pinged, rested, worked, type Pace } from './pace.ts'

const pings = (pace: Pace, ...values: readonly number[]): Pace => values.reduce(pinged, pace)

test('at a tenth of the load nine parts of rest are owed for one of work', () => {
  const pace = worked(beginPace(0.1), 300)
  expect(pace.owedMs).toBeCloseTo(2700)
  expect(rested(pace, 2000).owedMs).toBeCloseTo(700)
  expect(rested(pace, 5000).owedMs).toBe(0)
})

test('at full load nothing is owed, however slow the server answers', () => {
  expect(worked(pings(beginPace(1), 1, 1, 50, 50, 50), 300).owedMs).toBe(0)
})

test('a server that answers slower than it can gets half the work, and half again, and it all back', () => {
  const calm = pings(beginPace(0.5), 1, 1.2, 1.1, 1)
  expect(calm.share).toBe(1)
  const busy = pings(calm, 20, 25)
  expect(busy.share).toBe(0.5)
  expect(pings(busy, 30).share).toBe(0.25)
  expect(worked(busy, 100).owedMs).toBeCloseTo(300)
  expect(pings(busy, 1, 1, 1, 1).share).toBe(1)
  expect(pings(calm, ...Array.from({ length: 20 }, () => 30)).share).toBe(1 / 16)
})

test('one slow answer is chance, and a quick server that stays quick is not slow', () => {
  expect(pings(beginPace(0.1), 1, 1, 80).share).toBe(1)
  expect(pings(beginPace(0.1), 0.2, 0.2, 2, 2, 2).share).toBe(1)
})

test('what has been slow for a minute is what the server can do', () => {
  const before = pings(beginPace(0.1), 1, 1, 1)
  expect(pings(before, ...Array.from({ length: 80 }, () => 30)).share).toBe(1)
})
