import { expect, test } from 'vitest'
import { database, findingsOf, snapshot, transaction } from '../../../test/builders.ts'
import check from './xid-wraparound.ts'

const found = (xidAge: number, mxidAge = 0, settings: Readonly<Record<string, string>> = {}) => {
  const databases = [database('auth', { xidAge, mxidAge })]
  const activity = { long: [transaction(7, { xminAge: 999 }), transaction(8, { xminAge: 5 })], use: [] }
  return findingsOf(check, snapshot({ primary: { databases, settings, activity }, standby: { databases, settings } }))
}

test('past half it is a warning, past three quarters an error, at the end users are refused', () => {
  const high = { autovacuum_freeze_max_age: '2000000000' }
  expect(found(1_100_000_000, 0, high)).toMatchObject([{ subject: 'primary:database auth', severity: 'warning' }])
  expect(found(1_700_000_000, 0, high)).toMatchObject([{ severity: 'error' }])
  expect(found(2 ** 31 - 2_000_000, 0, high)).toMatchObject([
    { severity: 'critical', evidence: { column: 'datfrozenxid', oldest_xmin_pid: 7 } },
  ])
})

test('a vacuum that is long overdue is a warning before that', () => {
  expect(found(450_000_000)).toMatchObject([{ severity: 'warning', evidence: { freeze_max_age: 200_000_000 } }])
})

test('multixact ids have an end of their own', () => {
  expect(found(1000, 1_700_000_000)).toMatchObject([{ severity: 'error', evidence: { column: 'datminmxid' } }])
})

test('an age that autovacuum is about to lower is no finding', () => {
  expect(found(210_000_000)).toEqual([])
  expect(found(1000)).toEqual([])
})
