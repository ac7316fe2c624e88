import { expect, test } from 'vitest'
import { findingsOf, node, receiver, snapshot, t0 } from '../../../test/builders.ts'
import type { ServerFact } from '../../core/facts/postgres/server.ts'
import check from './clock-skew.ts'

const server = (aheadMs: number, inRecovery = false): ServerFact => ({
  versionNum: 180_004,
  database: 'auth',
  systemId: '1',
  startedMs: t0 - 86_400_000,
  confLoadedMs: t0 - 86_400_000,
  inRecovery,
  nowMs: t0 + aheadMs,
})
const found = (primary: number, standby: number, subscriber = 0) =>
  findingsOf(
    check,
    snapshot({
      primary: { server: server(primary) },
      standby: { server: server(standby, true), receiver: [receiver({ clockAheadMs: standby - primary })] },
      subscriber: { server: server(subscriber) },
    }),
  )

test('a standby whose clock is ahead is named, with what it says against its sender', () => {
  expect(found(0, 31_000)).toMatchObject([
    { subject: 'standby', severity: 'error', evidence: { ahead_ms: 31_000, ahead_of_its_sender_ms: 31_000 } },
  ])
  expect(found(0, -2_000)).toMatchObject([{ severity: 'warning', evidence: { ahead_ms: -2_000 } }])
})

test('when all nodes agree it is the watcher’s own clock, and a warning', () => {
  expect(found(40_000, 40_200, 39_900)).toMatchObject([{ subject: 'watcher', severity: 'warning' }])
})

test('what a round trip leaves is no skew', () => {
  expect(found(300, -400)).toEqual([])
})

test('a fact that is some seconds old is no skew', () => {
  const now = { ...snapshot({ atMs: t0 + 4000 }), nodes: [node('primary', 'primary', { server: server(0) }, t0)] }
  expect(findingsOf(check, now)).toEqual([])
})
