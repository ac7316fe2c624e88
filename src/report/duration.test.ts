import { describe, expect, test } from 'vitest'
import { duration } from './duration.ts'

describe('duration', () => {
  test.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [999.6, '1.0 s'],
    [2_400, '2.4 s'],
    [9_960, '10 s'],
    [89_000, '89 s'],
    [89 * 60_000, '89 min'],
    [153 * 60_000, '153 min'],
    [16 * 3_600_000, '16 h'],
    [3.5 * 3_600_000, '3.5 h'],
    [72 * 3_600_000, '3 d'],
    [-2_400, '-2.4 s'],
    [Number.NaN, '?'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})
