import { expect, test } from 'vitest'
import { findingsOf, snapshot, subscription } from '../../../test/builders.ts'
import check from './subscription-table-not-ready.ts'

const state = (srsubstate: string) =>
  snapshot({
    subscriber: {
      subscriptions: [subscription([], { tables: [{ schema: 'public', name: 'users', state: srsubstate }] })],
    },
  })

test.each([
  ['i', 'initialise'],
  ['d', 'copying'],
  ['f', 'copied'],
  ['s', 'synchronised'],
])('a table in state %s is found, in words', (srsubstate, words) => {
  expect(findingsOf(check, state(srsubstate))).toMatchObject([
    {
      subject: 'subscriber:public.users',
      severity: 'warning',
      message: expect.stringContaining(words),
      evidence: { srsubstate },
    },
  ])
})

test('a ready table is no finding', () => {
  expect(findingsOf(check, state('r'))).toEqual([])
})
