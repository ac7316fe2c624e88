import { expect, test } from 'vitest'
import { findingsOf, logEntry, logs, snapshot, subscriptionState, t0 } from '../../../test/builders.ts'
import check from './subscription-errors.ts'

const errors = (applyErrors: number | null) =>
  snapshot({ subscriber: { subscriptionStates: [subscriptionState({ applyErrors })] } })

test('apply errors that grow by two are found, with the growth', () => {
  expect(findingsOf(check, errors(9), errors(7))).toMatchObject([
    { evidence: { apply_error_count: 9, apply_growth: 2 } },
  ])
})

test.each([
  ['one error, as a planned restart of the publisher leaves', errors(1), errors(0)],
  ['many old errors that do not grow', errors(40), errors(40)],
  ['counters that were reset', errors(0), errors(40)],
  ['a server that does not count', errors(null), errors(null)],
])('%s: no finding', (_, now, before) => {
  expect(findingsOf(check, now, before)).toEqual([])
})

test('after a reset of the statistics the count begins anew', () => {
  expect(findingsOf(check, errors(3), errors(40), errors(0))).toMatchObject([{ evidence: { apply_growth: 3 } }])
})

test('what the worker fails on is in the evidence', () => {
  const entry = logEntry('subscriber', {
    code: '23505',
    message: 'duplicate key value violates unique constraint "users_pkey"',
    context: 'processing remote data for replication origin "pg_16385"',
  })
  const [, , subscriber] = errors(9).nodes
  const states = subscriber?.facts.subscriptionStates
  const now = snapshot({
    subscriber: { subscriptionStates: states?.seen ? states.value : [] },
    facts: { logs: logs([entry]) },
  })
  expect(findingsOf(check, now, errors(0))).toMatchObject([{ evidence: { sqlstate: '23505' } }])
})

test('connections that a switchover ended are no apply errors, though the same counter counts them', () => {
  const lost = logEntry('subscriber', {
    role: null,
    code: '08006',
    firstMs: t0,
    lastMs: t0,
    count: 2,
    message: 'apply worker for subscription "s" could not connect to the publisher: Connection refused',
  })
  const now = (applyErrors: number) =>
    snapshot({
      subscriber: { subscriptionStates: [subscriptionState({ applyErrors })] },
      facts: { logs: logs([lost]) },
    })
  expect(findingsOf(check, now(2), errors(0))).toEqual([])
  expect(findingsOf(check, now(4), errors(0))).toMatchObject([{ evidence: { apply_growth: 4, connections_lost: 2 } }])
})
