import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readQuantity } from './quantity.ts'

describe('readQuantity', () => {
  test.each([
    ['5s', 'ms', 5_000],
    ['1.5 s', 'ms', 1_500],
    ['2m', 'ms', 120_000],
    ['250', 'ms', 250],
    [250, 'ms', 250],
    ['1h', 'ms', 3_600_000],
    ['64MB', 'bytes', 67_108_864],
    ['8kB', 'bytes', 8_192],
    [3, 'count', 3],
    ['10%', 'share', 0.1],
    [0.25, 'share', 0.25],
  ] as const)('%s as %s is %d', (text, unit, value) => {
    expect(readQuantity(text, unit)).toBe(value)
  })

  test.each([
    ['5 apples', 'ms'],
    ['-5s', 'ms'],
    ['5MB', 'ms'],
    ['5s', 'bytes'],
    ['1.5', 'count'],
    ['150%', 'share'],
    ['constructor', 'ms'],
    ['1constructor', 'bytes'],
    ['', 'count'],
    [Number.NaN, 'ms'],
    [Number.POSITIVE_INFINITY, 'bytes'],
  ] as const)('%s as %s means nothing', (text, unit) => {
    expect(readQuantity(text, unit)).toBeNull()
  })

  test('never gives what is not a finite number', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('ms', 'bytes', 'count', 'share'), (text, unit) => {
        const value = readQuantity(text, unit) ?? 0
        expect(Number.isFinite(value) && value >= 0).toBe(true)
      }),
    )
  })
})
