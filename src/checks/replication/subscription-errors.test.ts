import { expect, test } from 'vitest'
import { findingsOf, snapshot, subscriptionState } from '../../../test/builders.ts'
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
