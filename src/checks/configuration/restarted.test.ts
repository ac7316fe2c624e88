import { expect, test } from 'vitest'
import { findingsOf, logEntry, logs, snapshot, t0 } from '../../../test/builders.ts'
import type { ServerFact } from '../../core/facts/postgres/server.ts'
import check from './restarted.ts'

const server = (startedMs: number, inRecovery = false): ServerFact => ({
  versionNum: 180_004,
  database: 'auth',
  systemId: '1',
  startedMs,
  confLoadedMs: startedMs,
  inRecovery,
  nowMs: t0,
})
const at = (startedMs: number, inRecovery = false, atMs = t0) =>
  snapshot({ primary: { server: server(startedMs, inRecovery) }, atMs })
const long = t0 - 86_400_000

test('a restart that was seen is a warning', () => {
  expect(findingsOf(check, at(t0 - 5000), at(long, false, t0 - 20_000))).toMatchObject([
    { subject: 'primary', severity: 'warning', evidence: { before: new Date(long).toISOString(), starts: 1 } },
  ])
})

test('three in ten minutes are an error', () => {
  const history = [long, t0 - 90_000, t0 - 50_000].map((startedMs, i) =>
    at(startedMs, false, t0 - 100_000 + i * 30_000),
  )
  expect(findingsOf(check, at(t0 - 5000), ...history)).toMatchObject([{ severity: 'error', evidence: { starts: 3 } }])
})

test('the log tells of starts that were not seen', () => {
  const start = logEntry('primary', {
    severity: 'LOG',
    message: 'starting PostgreSQL 18.4 on x86_64-pc-linux-gnu',
    count: 4,
    firstMs: t0 - 300_000,
  })
  const now = snapshot({ primary: { server: server(t0 - 5000) }, facts: { logs: logs([start]) } })
  expect(findingsOf(check, now)).toMatchObject([{ severity: 'error', evidence: { starts: 4 } }])
  const slow = { ...start, firstMs: t0 - 3_000_000 }
  expect(findingsOf(check, snapshot({ facts: { logs: logs([slow]) } }))).toEqual([])
})

test('a primary that comes back as a standby was switched over', () => {
  expect(findingsOf(check, at(t0 - 5000, true), at(long, false, t0 - 20_000))).toMatchObject([{ severity: 'info' }])
})

test('a server that runs on, and one that is seen for the first time, were not restarted', () => {
  expect(findingsOf(check, at(long), at(long, false, t0 - 20_000))).toEqual([])
  expect(findingsOf(check, at(t0 - 1000))).toEqual([])
})
