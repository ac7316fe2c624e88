import { expect, test } from 'vitest'
import { findingsOf, publication, snapshot, subscription, table } from '../../../test/builders.ts'
import check from './table-not-published.ts'

const tables = [table('users'), table('user_credentials')]

test('a table that both sides have and no publication carries is found, with the publication that lacks it', () => {
  const found = findingsOf(check, snapshot({ primary: { tables }, subscriber: { tables } }))
  expect(found).toMatchObject([
    {
      subject: 'primary:publication pub:public.user_credentials',
      node: 'subscriber',
      severity: 'warning',
      evidence: { gap: 'not-in-publication' },
    },
  ])
})

test('a published table that the subscription does not know yet is found: refresh was forgotten', () => {
  const found = findingsOf(
    check,
    snapshot({
      primary: { tables, publications: [publication(['users', 'user_credentials'])] },
      subscriber: { tables },
    }),
  )
  expect(found).toMatchObject([{ evidence: { gap: 'not-refreshed' } }])
  expect(found[0]?.remedy).toContain('must be empty')
  expect(found[0]?.remedy).toContain('refresh publication')
  expect(found[0]?.remedy).not.toContain('add table')
})

test.each([
  ['lacks operations', { publishes: { insert: true, update: false, delete: true, truncate: true } }, 'set (publish ='],
  [
    'leaves rows out',
    { tables: [{ schema: 'public', name: 'user_credentials', columns: null, rowFilter: 'user_id < 9' }] },
    'set table',
  ],
])('a publication that %s gets the order that puts this right', (_, more, order) => {
  const found = findingsOf(
    check,
    snapshot({
      primary: { tables, publications: [publication(['users', 'user_credentials'], more)] },
      subscriber: { tables, subscriptions: [subscription(['users', 'user_credentials'])] },
    }),
  )
  const remedy = found.find(({ subject }) => subject.endsWith('user_credentials'))?.remedy
  expect(remedy).toContain(order)
  expect(remedy).toContain('does not come by itself')
})

test('a table that was published once and that the subscription still lists is forgotten before it is added', () => {
  const lists = subscription(['users', 'user_credentials'])
  const found = findingsOf(check, snapshot({ primary: { tables }, subscriber: { tables, subscriptions: [lists] } }))
  expect(found).toMatchObject([{ evidence: { gap: 'not-in-publication', in_pg_subscription_rel: true } }])
  expect(found[0]?.remedy).toMatch(/refresh publication; .*truncate .*add table .*refresh publication;/)
})

test.each([
  ['a table of the primary alone', { primary: { tables }, subscriber: {} }],
  ['a table of the subscriber alone', { primary: {}, subscriber: { tables } }],
  [
    'an unlogged table',
    { primary: { tables: [table('users'), table('user_credentials', { unlogged: true })] }, subscriber: { tables } },
  ],
  [
    'a table that is carried',
    {
      primary: { tables, publications: [publication(['users', 'user_credentials'])] },
      subscriber: { tables, subscriptions: [subscription(['users', 'user_credentials'])] },
    },
  ],
])('%s is no finding', (_, cluster) => {
  expect(findingsOf(check, snapshot(cluster))).toEqual([])
})
