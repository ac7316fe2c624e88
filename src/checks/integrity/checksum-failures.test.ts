import { expect, test } from 'vitest'
import { database, findingsOf, snapshot, t0 } from '../../../test/builders.ts'
import check from './checksum-failures.ts'

const at = (checksumFailures: number | null, lastMs: number | null = t0 - 86_400_000, atMs = t0) =>
  snapshot({
    primary: { databases: [database('auth', { checksumFailures, checksumLastFailureMs: lastMs })] },
    atMs,
  })

test('a counter that grows is critical', () => {
  expect(findingsOf(check, at(3), at(1, undefined, t0 - 20_000))).toMatchObject([
    { subject: 'primary:database auth', severity: 'critical', evidence: { checksum_failures: 3, growth: 2 } },
  ])
})

test('without an earlier look the time of the last failure tells', () => {
  expect(findingsOf(check, at(1, t0 - 30_000))).toMatchObject([{ severity: 'critical', evidence: { growth: null } }])
})

test('an old counter that does not grow is a warning', () => {
  expect(findingsOf(check, at(3), at(3, undefined, t0 - 20_000))).toMatchObject([{ severity: 'warning' }])
})

test('a reset of the statistics is no growth', () => {
  expect(findingsOf(check, at(0), at(9, undefined, t0 - 20_000))).toEqual([])
  expect(findingsOf(check, at(1), at(9, undefined, t0 - 20_000))).toMatchObject([{ severity: 'warning' }])
})

test('no failures, and checksums that are off, are no finding', () => {
  expect(findingsOf(check, at(0))).toEqual([])
  expect(findingsOf(check, at(null))).toEqual([])
})
