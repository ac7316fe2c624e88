import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './locks-blocking.ts'

const waiter = (pid: number, waitMs: number, blockerPid = 1) => ({
  pid,
  role: 'app',
  waitMs,
  blockerPid,
  blockerRole: 'app',
  blockerState: 'idle in transaction',
  blockerXactMs: 60_000,
  relation: 'public.users',
})

test('a queue behind one session names that session, not the ones between', () => {
  const blocked = [waiter(2, 5000), waiter(3, 4000, 2), waiter(4, 4000, 2)]
  expect(findingsOf(check, snapshot({ primary: { blocked } }))).toMatchObject([
    {
      subject: 'primary:pid 1',
      severity: 'critical',
      evidence: { blocker_pid: 1, waiters: 3, relation: 'public.users' },
    },
  ])
})

test('each queue is counted for itself, a session that waits behind two holders once in each', () => {
  const blocked = [waiter(2, 5000, 1), waiter(3, 5000, 1), waiter(3, 5000, 9), waiter(4, 5000, 9)]
  expect(findingsOf(check, snapshot({ primary: { blocked } }))).toMatchObject([
    { subject: 'primary:pid 1', severity: 'warning', evidence: { waiters: 2 } },
    { subject: 'primary:pid 9', severity: 'warning', evidence: { waiters: 2 } },
  ])
})

test('who waits less than the limit himself is not the one who holds it', () => {
  const blocked = [waiter(2, 5000, 3), waiter(3, 1200, 1)]
  expect(findingsOf(check, snapshot({ primary: { blocked } }))).toMatchObject([
    { subject: 'primary:pid 1', evidence: { waiters: 1, blocker_pid: 1 } },
  ])
})

test('a prepared transaction has no session to end: it is rolled back by its name', () => {
  const prepared = { ...waiter(2, 5000, 0), blockerRole: null, blockerState: null }
  const [found] = findingsOf(check, snapshot({ primary: { blocked: [prepared] } }))
  expect(found?.message).toContain('a prepared transaction')
  expect(found?.remedy).toContain('pg_prepared_xacts')
  expect(found?.remedy).toContain('rollback prepared')
  expect(found?.remedy).not.toContain('pg_terminate_backend')
})

test('the declared severity is that of a queue', () => {
  expect(check.severity).toBe('critical')
})

test('short waits are ordinary work', () => {
  expect(findingsOf(check, snapshot({ primary: { blocked: [waiter(2, 300)] } }))).toEqual([])
})
