import { expect, test } from 'vitest'
import { findingsOf, snapshot, transaction } from '../../../test/builders.ts'
import type { LongTransactionFact } from '../../core/facts/postgres/activity.ts'
import check from './long-transaction.ts'

const minutes = (n: number): number => n * 60_000
const found = (xactMs: number, more: Partial<LongTransactionFact> = {}) =>
  findingsOf(check, snapshot({ primary: { activity: { long: [transaction(7, { xactMs, ...more })], use: [] } } }))

test('a quarter of an hour is a warning, two hours are an error', () => {
  expect(found(minutes(16))).toMatchObject([
    { subject: 'primary:pid 7', severity: 'warning', evidence: { usename: 'app', xact_ms: 960_000 } },
  ])
  expect(found(minutes(121))).toMatchObject([{ severity: 'error' }])
})

test('a dump of forty minutes is no finding, one of three hours is a warning', () => {
  expect(found(minutes(40), { application: 'pg_dump' })).toEqual([])
  expect(found(minutes(180), { application: 'pg_dump' })).toMatchObject([{ severity: 'warning' }])
})

test.each(['walsender', 'autovacuum worker', 'logical replication apply worker'])(
  'a %s is long by nature',
  (backendType) => {
    expect(found(minutes(300), { backendType, application: 'pg_basebackup' })).toEqual([])
  },
)

test('a batch of ten minutes is ordinary work', () => {
  expect(found(minutes(10))).toEqual([])
})
