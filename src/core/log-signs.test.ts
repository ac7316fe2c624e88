import { expect, test } from 'vitest'
import { logEntry } from '../../test/builders.ts'
import { crashSign, isDamage, relationFileOf } from './log-signs.ts'

test.each([
  ['XX001', 'invalid page in block 3 of relation base/16384/24576'],
  ['XX002', 'index "users_pkey" contains unexpected zero page at block 7'],
  [null, 'could not read block 3 in file "base/16384/24576": read only 0 of 8192 bytes'],
  [null, 'missing chunk number 0 for toast value 16500 in pg_toast_16390'],
  ['58P01', 'could not open file "base/16384/24576": No such file or directory'],
])('damage is told by %s: %s', (code, message) => {
  expect(isDamage(logEntry('primary', { code, message }))).toBe(true)
})

test.each([
  ['XX000', 'cache lookup failed for type 16500'],
  ['P0001', 'invalid page in block 3 of my book'],
  ['58P01', 'could not open extension control file "/usr/share/x.control": No such file or directory'],
  [null, 'could not open file "postmaster.pid": No such file or directory'],
])('no damage is told by %s: %s', (code, message) => {
  expect(isDamage(logEntry('primary', { code, message }))).toBe(false)
})

test('a block’s message names the file of the relation', () => {
  const of = (message: string) => relationFileOf(logEntry('primary', { message }))
  expect(of('invalid page in block 3 of relation base/16384/24576')).toBe('base/16384/24576')
  expect(of('could not open file "base/16384/24576.1" (target block 9)')).toBe('base/16384/24576.1')
  expect(of('missing chunk number 0')).toBeNull()
})

test.each([
  ['PANIC', 'could not write to file "pg_wal/xlogtemp.1": No space left on device', 'panic'],
  ['LOG', 'server process (PID 4711) was terminated by signal 9: Killed', 'crash'],
  ['LOG', 'all server processes terminated; reinitializing', 'crash'],
  ['LOG', 'database system was not properly shut down; automatic recovery in progress', 'unclean'],
] as const)('%s %s', (severity, message, sign) => {
  expect(crashSign(logEntry('primary', { severity, message }))).toBe(sign)
})

test.each([
  ['FATAL', 'terminating connection due to administrator command'],
  ['LOG', 'archiver process (PID 12) was terminated by signal 9: Killed'],
  ['LOG', 'archive command was terminated by signal 15: Terminated'],
  ['LOG', 'received fast shutdown request'],
  ['LOG', 'database system was interrupted; last known up at 2026-03-05 09:00:00 UTC'],
  ['ERROR', 'server process (PID 4711) was terminated by signal 9'],
] as const)('no crash: %s %s', (severity, message) => {
  expect(crashSign(logEntry('primary', { severity, message }))).toBeNull()
})
