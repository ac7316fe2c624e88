import { expect, test } from 'vitest'
import {
  contracts,
  finding,
  outcomes,
  snapshot,
  subscriptionState,
  t0,
  table,
  column,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const counted = (applyErrors: number, atMs = t0, more = {}) =>
  snapshot({
    atMs,
    subscriber: { subscriptionStates: [subscriptionState({ applyErrors, workerPid: null })], ...more },
    facts: { contracts: contracts(), outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) },
  })
const findings = [finding('application/outcomes'), finding('replication/subscription-errors', { severity: 'error' })]

test('errors that grow between equal schemas, with stale reads: confirmed', () => {
  const diagnosis = diagnosed({ snapshot: counted(3), earlier: counted(0, t0 - 20_000), findings })
  expect(diagnosis.causes[0]).toMatchObject({
    id: 'replication/apply-conflict',
    verdict: 'confirmed',
    subject: 'subscriber:subscription sub',
  })
})

test('one error, as a restart of the publisher leaves, is probable at most', () => {
  expect(named(diagnosed({ snapshot: counted(1), earlier: counted(0, t0 - 20_000), findings }))).toEqual([
    'replication/apply-conflict probable',
  ])
})

test('between different schemas the drift is the cause, and this is not named beside it', () => {
  const drifted = { tables: [table('users', { columns: [column('id', 'integer')] })] }
  expect(
    named(diagnosed({ snapshot: counted(3, t0, drifted), earlier: counted(0, t0 - 20_000, drifted), findings }))[0],
  ).toContain('replication/schema-drift')
})

test('errors that grow beside connections that are refused are possible at most', () => {
  const refused = (applyErrors: number, atMs = t0) => ({
    ...counted(applyErrors, atMs),
    facts: snapshot({ facts: { outcomes: outcomes({ subscriber: '53300' }, atMs) } }).facts,
  })
  expect(named(diagnosed({ snapshot: refused(3), earlier: refused(0, t0 - 20_000), findings }))).toEqual([
    'replication/apply-conflict possible',
  ])
})

test('a wider type on the subscriber does not hide it', () => {
  const wider = { tables: [table('users', { columns: [column('id', 'bigint'), column('password_hash')] })] }
  expect(
    named(diagnosed({ snapshot: counted(3, t0, wider), earlier: counted(0, t0 - 20_000, wider), findings })),
  ).toEqual(['replication/apply-conflict confirmed'])
})
