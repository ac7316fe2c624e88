import { expect, test } from 'vitest'
import type { PublisherLook, SubscriberLook } from '../engines/postgres/act/look.ts'
import { inputOf } from './step-input.ts'
import { planOf } from './testing/plans.ts'
import { notConnected, rowsInTheWay, whyNotPublish, whyNotSubscribe } from './why-not.ts'

const [step] = planOf().steps
if (!step) throw new Error('a plan has steps')
const what = inputOf(step)

const publisher = (more: Partial<PublisherLook> = {}): PublisherLook => ({
  systemId: '1',
  database: 'auth',
  isInRecovery: false,
  table: { isOrdinary: true, isOwned: true, hasIdentity: true },
  publication: { allTables: false, isOwned: true, isWhole: true, isListed: false },
  ...more,
})
const subscription: NonNullable<SubscriberLook['subscription']> = {
  isEnabled: true,
  isOwned: true,
  slot: 'sub',
  publications: ['pub'],
  state: null,
  carries: [],
}
const subscriber = (more: Partial<typeof subscription> | null = {}): SubscriberLook => ({
  systemId: '2',
  database: 'auth',
  isInRecovery: false,
  table: { isOrdinary: true },
  subscription: more && { ...subscription, ...more },
})

test('two healthy ends are refused by nothing, also where nobody saw which servers they are', () => {
  for (const servers of [what, { publisherServer: null, subscriberServer: null }]) {
    expect(whyNotPublish(what, publisher(), servers)).toBeNull()
    expect(whyNotSubscribe(what, subscriber(), servers)).toBeNull()
  }
})

const published = { allTables: false, isOwned: true, isWhole: true, isListed: false }

test.each<[string, Partial<PublisherLook>]>([
  ['other-server', { systemId: '7' }],
  ['other-server', { database: 'postgres' }],
  ['read-only', { isInRecovery: true }],
  ['table-gone', { table: null }],
  ['table-not-ordinary', { table: { isOrdinary: false, isOwned: true, hasIdentity: true } }],
  ['publication-unknown', { publication: null }],
  ['already-published', { publication: { ...published, isListed: true } }],
  ['publishes-all', { publication: { ...published, allTables: true } }],
  ['publishes-part', { publication: { ...published, isWhole: false } }],
  ['not-owner', { publication: { ...published, isOwned: false } }],
  ['not-owner', { table: { isOrdinary: true, isOwned: false, hasIdentity: true } }],
  ['no-replica-identity', { table: { isOrdinary: true, isOwned: true, hasIdentity: false } }],
])('publisher: %s where %j', (id, look) => {
  expect(whyNotPublish(what, publisher(look), what)).toMatchObject({ id, evidence: { node: 'primary' } })
})

test.each<[string, SubscriberLook]>([
  ['other-server', { ...subscriber(), systemId: '1' }],
  ['table-gone', { ...subscriber(), table: null }],
  ['subscription-unknown', subscriber(null)],
  ['not-owner', subscriber({ isOwned: false })],
  ['subscription-disabled', subscriber({ isEnabled: false })],
  ['not-subscribed', subscriber({ publications: ['other'] })],
  ['not-connected', subscriber({ slot: null })],
])('subscriber: %s', (id, look) => {
  expect(whyNotSubscribe(what, look, what)).toMatchObject({ id, evidence: { node: 'subscriber' } })
})

test('a refusal says where and what, as one would type it', () => {
  expect(notConnected(what, 'sub').why).toBe(
    'primary: nobody reads from slot sub: subscriber does not reach it, or follows another server',
  )
  expect(rowsInTheWay(what).why).toContain('public.user_credentials is not empty')
  expect(rowsInTheWay(what, { schema: 'public', table: 'B b' }).why).toContain('would copy public."B b" as well')
})
