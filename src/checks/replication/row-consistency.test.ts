import { expect, test } from 'vitest'
import { findingsOf, publication, snapshot, subscription, touched } from '../../../test/builders.ts'
import check from './row-consistency.ts'

test('rows that differ where clients read them are critical', () => {
  expect(findingsOf(check, snapshot({ facts: { touched: [touched('user_credentials')] } }))).toMatchObject([
    {
      subject: 'subscriber:public.user_credentials',
      severity: 'critical',
      evidence: { source_rows: 1000, node_rows: 0, carried: false },
    },
  ])
})

test('rows that differ on a carried table are critical even where nobody was seen to read', () => {
  const unread = touched('users', { readBy: { roles: [], sessions: 0, scans: 0 } })
  expect(findingsOf(check, snapshot({ facts: { touched: [unread] } }))).toMatchObject([{ severity: 'critical' }])
})

test('a table that is not carried and that nobody reads there is no more than a note', () => {
  const unread = touched('schema_migrations', { readBy: { roles: [], sessions: 0, scans: 0 } })
  expect(findingsOf(check, snapshot({ facts: { touched: [unread] } }))).toMatchObject([{ severity: 'info' }])
})

test.each([
  ['one difference alone', touched('users', { times: 1 })],
  ['equal rows', touched('users', { verdict: 'equal' })],
  ['a fence that was not reached', touched('users', { verdict: 'lagging' })],
  ['what could not be compared', touched('users', { verdict: 'unverifiable' })],
])('%s is no finding', (_, fact) => {
  expect(findingsOf(check, snapshot({ facts: { touched: [fact] } }))).toEqual([])
})

test('a first copy that still runs is no difference', () => {
  const copying = subscription(['users'], { tables: [{ schema: 'public', name: 'users', state: 'd' }] })
  const cluster = {
    primary: { publications: [publication(['users'])] },
    subscriber: { subscriptions: [copying] },
    facts: { touched: [touched('users')] },
  }
  expect(findingsOf(check, snapshot(cluster))).toEqual([])
})
