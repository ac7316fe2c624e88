import { expect, test } from 'vitest'
import { findingsOf, publication, snapshot, subscription, touched } from '../../../test/builders.ts'
import { inspect } from '../../findings/inspect.ts'
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

test('tables that the role may not read are told with the grants, once a node; others each with its reason', () => {
  const refused = (name: string) =>
    touched(name, {
      verdict: 'unverifiable',
      why: 'no-privilege',
      detail: `primary: 42501 permission denied for table ${name}`,
      remedy: `On primary: grant select on public.${name} to antemortem;`,
    })
  const keyless = touched('bag', { verdict: 'unverifiable', detail: 'it has no key', remedy: 'Give it a primary key.' })
  const snap = snapshot({ facts: { touched: [refused('users'), keyless, refused('orders'), touched('fine')] } })
  const [result] = inspect([check], snap, [])
  expect(result?.found).toHaveLength(1)
  expect(result?.blind).toEqual([
    {
      node: 'subscriber',
      why: 'no-privilege',
      detail:
        'the rows of public.users, public.orders were not compared with primary: primary: 42501 permission denied for table users',
      remedy:
        'On primary: grant select on public.users to antemortem; On primary: grant select on public.orders to antemortem;',
      subjects: ['subscriber:public.users', 'subscriber:public.orders'],
    },
    {
      node: 'subscriber',
      why: 'not-comparable',
      detail: 'the rows of public.bag were not compared with primary: it has no key',
      remedy: 'Give it a primary key.',
      subjects: ['subscriber:public.bag'],
    },
  ])
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
