import { expect, test } from 'vitest'
import { syncStandbys } from './sync-standbys.ts'

test.each([
  ['', null],
  ['  ', null],
  ['s1', { count: 1, any: false }],
  ['s1, s2', { count: 1, any: false }],
  ['*', { count: 1, any: false }],
  ['2 (s1, s2, s3)', { count: 2, any: false }],
  ['FIRST 2 (s1, s2)', { count: 2, any: false }],
  ['any 1(s1,s2)', { count: 1, any: true }],
  ['anyone', { count: 1, any: false }],
])('%j', (setting, expected) => {
  expect(syncStandbys(setting)).toEqual(expected)
})
