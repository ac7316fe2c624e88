import { expect, test } from 'vitest'
import { findingsOf, snapshot, subscriptionState } from '../../../test/builders.ts'
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
