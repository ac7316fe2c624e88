import { expect, test } from 'vitest'
import { findingsOf, logEntry, logs, snapshot, t0 } from '../../../test/builders.ts'
import type { LogEntryFact } from '../../core/facts/cluster.ts'
import { inspect } from '../../findings/inspect.ts'
import check from './panic-or-crash.ts'

const found = (...entries: readonly LogEntryFact[]) => findingsOf(check, snapshot({ facts: { logs: logs(entries) } }))
const line = (message: string, more: Partial<LogEntryFact> = {}) =>
  logEntry('primary', { severity: 'LOG', code: '00000', message, count: 1, ...more })
const killed = 'server process (PID 4711) was terminated by signal 9: Killed'

test('a process that died and took all sessions with it is critical, one finding for all its lines', () => {
  expect(
    found(
      line('all server processes terminated; reinitializing'),
      line(killed, { detail: 'Failed process was running: …' }),
    ),
  ).toMatchObject([{ subject: 'primary', severity: 'critical', evidence: { lines: 2 } }])
})

test('a panic outranks what follows from it', () => {
  const found2 = found(line(killed), line('could not write to file "pg_wal/xlogtemp.1"', { severity: 'PANIC' }))
  expect(found2).toMatchObject([{ evidence: { severity: 'PANIC' } }])
})

test('minutes later clients are back, and it is an error to look into', () => {
  expect(found(line(killed, { lastMs: t0 - 300_000 }))).toMatchObject([{ severity: 'error' }])
  expect(found(line('database system was not properly shut down; automatic recovery in progress'))).toMatchObject([
    { severity: 'error' },
  ])
})

test('an orderly end, an ended session, and a standby made from a backup are no crash', () => {
  expect(
    found(
      line('received fast shutdown request'),
      line('terminating connection due to administrator command', { severity: 'FATAL', code: '57P01' }),
      line('database system was interrupted; last known up at 2026-03-05 09:00:00 UTC'),
    ),
  ).toEqual([])
})

test('without logs the check cannot see, and of a node whose log is not read it says so', () => {
  expect(inspect([check], snapshot(), [])[0]?.blind).toHaveLength(1)
  const blind = [{ node: 'standby', why: 'no log is configured', remedy: 'name it' }]
  expect(inspect([check], snapshot({ facts: { logs: { ...logs([]), blind } } }), [])[0]?.blind).toMatchObject([
    { node: 'standby', remedy: 'name it' },
  ])
})
