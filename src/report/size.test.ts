import { expect, test } from 'vitest'
import { size } from './size.ts'

test.each([
  [0, '0 B'],
  [-1, '-1 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 kB'],
  [10_188, '9.9 kB'],
  [10_240, '10 kB'],
  [1_048_575, '1.0 MB'],
  [16_777_216, '16 MB'],
  [2e15, '1819 TB'],
  [Number.NaN, '?'],
])('%d bytes are %s', (bytes, text) => expect(size(bytes)).toBe(text))
