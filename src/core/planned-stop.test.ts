import { expect, test } from 'vitest'
import { logEntry, t0 } from '../../test/builders.ts'
import type { LogEntryFact } from './facts/cluster.ts'
import { isFromStop, isOfPlannedStop, isStoppedOnPurpose, stopsOf } from './planned-stop.ts'

/** A line of the primary's log, so many seconds ago. */
const said = (ago: number, message: string, more: Partial<LogEntryFact> = {}): LogEntryFact =>
  logEntry('primary', {
    firstMs: t0 - ago * 1000,
    lastMs: t0 - ago * 1000,
    severity: 'LOG',
    code: '00000',
    message,
    role: null,
    ...more,
  })
const order = said(10, 'received fast shutdown request')
const fatal = { severity: 'FATAL' }
const onPurpose = (...entries: LogEntryFact[]): boolean =>
  isStoppedOnPurpose({ readable: ['primary'], blind: [], entries }, new Set(['primary']), {
    atMs: t0,
    withinMs: 30_000,
  })

test.each([
  ['it shuts down', [order, said(9, 'shutting down')]],
  ['pg_ctl stop -m smart', [said(10, 'received smart shutdown request')]],
  ['its workers and clients are sent away', [order, said(9, 'terminating walreceiver', { ...fatal, code: '57P01' })]],
  ['its clients come too early', [order, said(1, 'the database system is starting up', { ...fatal, code: '57P03' })]],
  ['it comes back as a standby that has no upstream yet', [order, said(1, 'x', { ...fatal, code: '08006' })]],
  ['somebody mistypes a password meanwhile', [order, said(9, 'x', { ...fatal, code: '28P01', role: 'app' })]],
  ['it was back a moment ago', [order, said(2, 'database system is ready to accept connections')]],
])('a server that somebody told to stop has its time: %s', (_, entries) => {
  expect(onPurpose(...entries)).toBe(true)
})

test.each([
  ['nobody told it', [said(10, 'shutting down')]],
  ['the order is long ago', [said(31, 'received fast shutdown request')]],
  ['it was told not to wait for anything', [said(10, 'received immediate shutdown request')]],
  [
    'it does not start: its library is not there',
    [order, said(8, 'could not access file "x"', { ...fatal, code: '58P01' })],
  ],
  ['it crashed on the way', [order, said(8, 'server process (PID 7) was terminated by signal 9: Killed')]],
  ['it panicked', [order, said(8, 'could not write', { severity: 'PANIC', code: '58030' })]],
  ['it has been back for long enough', [order, said(6, 'database system is ready to accept connections')]],
])('else it has none: %s', (_, entries) => {
  expect(onPurpose(...entries)).toBe(false)
})

test('without its log nobody knows', () => {
  expect(isStoppedOnPurpose(undefined, new Set(['primary']), { atMs: t0, withinMs: 30_000 })).toBe(false)
})

test('only what a stop does to clients is forgiven', () => {
  expect(['57P01', '57P03', 'ECONNREFUSED', '08006'].every(isFromStop)).toBe(true)
  expect(['28P01', '53300', '42P01', '25006', '57P02', 'APP_BAD_HASH', null].some(isFromStop)).toBe(false)
})

test('clients of a node feel its own stop, and that of whoever takes their writes', () => {
  const nodes = [
    { name: 'db1', role: 'primary' },
    { name: 'db2', role: 'standby' },
    { name: 'db3', role: 'subscriber' },
  ]
  expect([...stopsOf('db2', nodes)]).toEqual(['db2', 'db1'])
})

test('what a follower says of a lost upstream belongs to the stop that somebody ordered there, and to no other', () => {
  const lost = (ago: number, more: Partial<LogEntryFact> = {}) =>
    said(ago, 'could not send end-of-streaming message to primary: server closed the connection unexpectedly', {
      node: 'standby',
      severity: 'ERROR',
      code: '08006',
      ...more,
    })
  expect(isOfPlannedStop(lost(9), [order], 30_000)).toBe(true)
  // The next order is the same line: it is counted, and the line is as young as the last.
  expect(isOfPlannedStop(lost(9), [{ ...order, lastMs: t0 - 2000, count: 2 }], 30_000)).toBe(true)
  expect(isOfPlannedStop(lost(9), [], 30_000)).toBe(false)
  expect(isOfPlannedStop(lost(9, { message: 'duplicate key value' }), [order], 30_000)).toBe(false)
  expect(isOfPlannedStop(lost(15), [order], 30_000)).toBe(false)
  expect(isOfPlannedStop(lost(9), [said(60, 'received fast shutdown request')], 30_000)).toBe(false)
})
