import { expect, test } from 'vitest'
import { epochOf, timeOf } from './time.ts'

test.each([
  ['2026-03-05 09:04:00.123 UTC', null, '2026-03-05T09:04:00.123Z'],
  ['2026-03-05 09:04:00 CET', null, '2026-03-05T08:04:00.000Z'],
  ['2026-07-05 09:04:00 CEST', null, '2026-07-05T07:04:00.000Z'],
  ['2026-03-05 09:04:00 -03', null, '2026-03-05T12:04:00.000Z'],
  ['2026-03-05 09:04:00 +0530', null, '2026-03-05T03:34:00.000Z'],
  ['2026-03-05 09:04:00 +05:45', null, '2026-03-05T03:19:00.000Z'],
  ['2026-03-05 09:04:00 CST', 'America/Chicago', '2026-03-05T15:04:00.000Z'],
  ['2026-03-05 09:04:00 CST', 'Asia/Shanghai', '2026-03-05T01:04:00.000Z'],
  ['2026-03-05 09:04:00 IST', 'Asia/Kolkata', '2026-03-05T03:34:00.000Z'],
])('%s in %s is %s', (text, zone, iso) => {
  expect(timeOf(text, zone)).toBe(Date.parse(iso))
})

test('an abbreviation that means several things, and a text that is no time, have none', () => {
  expect(timeOf('2026-03-05 09:04:00 CST', null)).toBeNull()
  expect(timeOf('2026-03-05 09:04:00 XYZ', 'No/Where')).toBeNull()
  expect(timeOf('2026-13-45 09:04:00 UTC', null)).toBeNull()
  expect(timeOf('yesterday', null)).toBeNull()
})

test('%n is seconds since the epoch', () => {
  expect(epochOf('1772701440.123')).toBe(1_772_701_440_123)
  expect(epochOf('x')).toBeNull()
})
