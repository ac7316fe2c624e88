import { expect, test } from 'vitest'
import { findingsOf, logEntry, logs, slot, snapshot, subscriptionState, t0 } from '../../../test/builders.ts'
import check from './subscription-down.ts'

const state = (more: Parameters<typeof subscriptionState>[0]) =>
  snapshot({ subscriber: { subscriptionStates: [subscriptionState(more)] } })

test('a disabled subscription is found at once', () => {
  expect(findingsOf(check, state({ enabled: false, workerPid: null }))).toMatchObject([
    { subject: 'subscriber:subscription sub', evidence: { subenabled: false } },
  ])
})

test('an enabled one without a worker in two of three samples is found, though this one looks well', () => {
  const gone = state({ workerPid: null })
  expect(findingsOf(check, state({}), gone, gone)).toMatchObject([{ subject: 'subscriber:subscription sub' }])
})

test('a worker that was missing once is no finding: the launcher starts it again', () => {
  expect(findingsOf(check, state({ workerPid: null }), state({}), state({}))).toEqual([])
})

test('a restart of the publisher, and a switchover, are over before two thirds of ten seconds', () => {
  const at = (seconds: number, workerPid: number | null) =>
    snapshot({ atMs: t0 + seconds * 1000, subscriber: { subscriptionStates: [subscriptionState({ workerPid })] } })
  const before = [0, 1, 2, 3, 4].map((second) => at(second, 7))
  const gone = [5, 6, 7, 8, 9].map((second) => at(second, null))
  expect(findingsOf(check, at(9, null), ...before, ...gone)).toEqual([])
  expect(findingsOf(check, at(12, null), ...before, ...gone, at(10, null), at(11, null))).toHaveLength(1)
})

test('what its log said last, and the slot on the publisher, are in the evidence', () => {
  const entry = logEntry('subscriber', {
    message: 'duplicate key value violates unique constraint "users_pkey"',
    context: 'processing remote data for replication origin "pg_16385" during message type "INSERT"',
  })
  const cluster = snapshot({
    primary: { replicationSlots: [slot('sub', { type: 'logical', walStatus: 'extended' })] },
    subscriber: { subscriptionStates: [subscriptionState({ enabled: false, workerPid: null })] },
    facts: { logs: logs([entry, logEntry('subscriber', { message: 'statement timeout' })]) },
  })
  expect(findingsOf(check, cluster)).toMatchObject([
    { evidence: { slot_wal_status: 'extended', log: expect.stringContaining('users_pkey') } },
  ])
})
