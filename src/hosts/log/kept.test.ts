import { expect, test } from 'vitest'
import { isKept } from './kept.ts'
import type { LogMessage, Severity } from './message.ts'
import { codeOf } from './sqlstate.ts'

const message = (severity: Severity, text: string, more: Partial<LogMessage> = {}): LogMessage => ({
  atMs: 0,
  severity,
  code: null,
  message: text,
  detail: null,
  context: null,
  role: null,
  database: null,
  application: null,
  ...more,
})

test.each([
  'starting PostgreSQL 18.4 on x86_64-pc-linux-gnu',
  'listening on IPv4 address "127.0.0.1", port 5432',
  'database system is ready to accept connections',
  'database system was not properly shut down; automatic recovery in progress',
  'database system was interrupted; last known up at 2026-03-05 09:04:00 UTC',
  'received fast shutdown request',
  'received SIGHUP, reloading configuration files',
  'server process (PID 42) was terminated by signal 9: Killed',
  'background worker "logical replication apply worker" (PID 42) exited with exit code 1',
  'all server processes terminated; reinitializing',
  'configuration file "/srv/postgresql.conf" contains errors; unaffected changes were applied',
  'parameter "shared_buffers" cannot be changed without restarting the server',
  'parameter "work_mem" changed to "8MB"',
  '/srv/pg_hba.conf was not reloaded',
  'recovery still waiting after 1000.1 ms: recovery conflict on lock',
  'logical replication apply worker for subscription "reports_sub" has started',
  'invalidating obsolete replication slot "standby_slot"',
  'terminating process 42 to release replication slot "standby_slot"',
  'could not bind IPv4 address "127.0.0.1": Address already in use',
  'process 42 still waiting for AccessExclusiveLock on relation 16385 of database 16384 after 1000.1 ms',
  'started streaming WAL from primary at 0/3000000 on timeline 1',
])('of the LOG lines, %j is kept', (text) => {
  expect(isKept(message('LOG', text))).toBe(true)
})

test.each([
  'checkpoint starting: time',
  'checkpoints are occurring too frequently (2 seconds apart)',
  'connection authorized: user=app database=auth',
  'connection authenticated: identity="app" method=scram-sha-256 (/srv/pg_hba.conf:3)',
  'duration: 1000.1 ms  statement: select could not',
  'statement: select 1',
  'automatic vacuum of table "auth.public.users"',
  'logical decoding found consistent point at 0/3000000',
  'temporary file: path "base/pgsql_tmp/x", size 1',
])('of the LOG lines, %j is not', (text) => {
  expect(isKept(message('LOG', text))).toBe(false)
})

test('errors are kept, dull warnings and notices are not, and our own sessions are our own business', () => {
  expect(isKept(message('ERROR', 'x'))).toBe(true)
  expect(isKept(message('WARNING', 'page verification failed, calculated checksum 1 but expected 2'))).toBe(true)
  expect(isKept(message('WARNING', 'there is no transaction in progress'))).toBe(false)
  expect(isKept(message('WARNING', 'es gibt keine Transaktion', { code: '25P01' }))).toBe(false)
  expect(isKept(message('NOTICE', 'x'))).toBe(false)
  expect(isKept(message('ERROR', 'x', { application: 'antemortem-canary' }))).toBe(false)
})

test.each([
  ['ERROR', 'invalid page in block 3 of relation base/5/16385', 'XX001'],
  ['ERROR', 'could not access file "pg_cron": No such file or directory', '58P01'],
  ['FATAL', 'could not access file "pg_cron": No such file or directory', '58P01'],
  ['FATAL', 'password authentication failed for user "app"', '28P01'],
  ['FATAL', 'no pg_hba.conf entry for host "10.0.0.1", user "app", database "auth", no encryption', '28000'],
  ['FATAL', 'sorry, too many clients already', '53300'],
  ['FATAL', 'the database system is starting up', '57P03'],
  ['ERROR', 'requested WAL segment 000000010000000000000003 has already been removed', '58P01'],
  ['ERROR', 'relation "users" does not exist at character 15', '42P01'],
  ['PANIC', 'could not write to file "pg_wal/xlogtemp.42": No space left on device', '53100'],
  ['ERROR', 'something that nobody knows', null],
  ['LOG', 'could not access file "x": No such file or directory', null],
] as const)('%s %s means %s', (severity, text, code) => {
  expect(codeOf(message(severity, text))).toBe(code)
  expect(codeOf(message(severity, text, { code: '12345' }))).toBe('12345')
})
