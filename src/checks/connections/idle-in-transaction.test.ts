import { expect, test } from 'vitest'
import type { LongTransactionFact } from '../../core/facts/postgres/activity.ts'
import { findingsOf, snapshot, transaction } from '../../../test/builders.ts'
import check from './idle-in-transaction.ts'

const idle = (stateMs: number, more: Partial<LongTransactionFact> = {}) =>
  transaction(7, { state: 'idle in transaction', stateMs, ...more })
const waiter = (waitMs: number) => ({
  pid: 8,
  role: 'app',
  waitMs,
  blockerPid: 7,
  blockerRole: 'app',
  blockerState: 'idle in transaction',
  blockerXactMs: 60_000,
  relation: 'public.users',
})
const found = (one: LongTransactionFact, waiting = false) =>
  findingsOf(
    check,
    snapshot({ primary: { activity: { long: [one], use: [] }, blocked: waiting ? [waiter(3000)] : [] } }),
  )

test('five minutes are a warning, half an hour is an error', () => {
  expect(found(idle(301_000))).toMatchObject([
    { subject: 'primary:pid 7', severity: 'warning', evidence: { state: 'idle in transaction' } },
  ])
  expect(found(idle(1_900_000, { state: 'idle in transaction (aborted)' }))).toMatchObject([{ severity: 'error' }])
})

test('one that others wait for is an error after seconds', () => {
  expect(found(idle(6000), true)).toMatchObject([{ severity: 'error', evidence: { waiters: 1 } }])
  expect(found(idle(2000), true)).toEqual([])
})

test('a working session, a parallel dump’s leader, and a short pause are no finding', () => {
  expect(found(transaction(7, { stateMs: 900_000 }))).toEqual([])
  expect(found(idle(2_400_000, { application: 'pg_dump' }))).toEqual([])
  expect(found(idle(60_000))).toEqual([])
})
