import { expect, test } from 'vitest'
import { receiver, sender, slot, t0 } from '../../test/builders.ts'
import { hopsOf, isSameServer, isStandbySender, rootOf, senderOf, type Member } from './upstream.ts'

const member = (name: string, inRecovery: boolean, wanted: Member['wanted'] = {}): Member => ({
  name,
  upstream: inRecovery ? 'primary' : null,
  wanted,
  server: {
    versionNum: 180_004,
    database: 'auth',
    systemId: '1',
    startedMs: t0 - name.length,
    confLoadedMs: t0,
    inRecovery,
    nowMs: t0,
  },
})
const names = (members: readonly Member[]) => members.map(({ name }) => name)

test('a standby that uses the slot of a standby follows it, and through it the primary', () => {
  const leaf = member('leaf', true, { receiver: [receiver({ slot: 'leaf', senderPort: null })] })
  const middle = member('middle', true, { replicationSlots: [slot('leaf')] })
  const primary = member('primary', false, { replicationSlots: [slot('middle')] })
  expect(names(hopsOf(leaf, [primary, middle, leaf]))).toEqual(['middle', 'primary'])
  expect(rootOf(leaf, [primary, middle, leaf])?.name).toBe('primary')
})

test('without slots the port tells, where only one listens on it', () => {
  const leaf = member('leaf', true, { receiver: [receiver({ slot: null, senderPort: 5433 })] })
  const middle = member('middle', true, { settings: { port: '5433' } })
  const primary = member('primary', false, { settings: { port: '5432' } })
  expect(names(hopsOf(leaf, [primary, middle, leaf]))).toEqual(['middle', 'primary'])
  const everywhere = member('primary', false, { settings: { port: '5433' } })
  expect(names(hopsOf(leaf, [everywhere, middle, leaf]))).toEqual(['primary'])
})

test('standbys that name each other end nowhere', () => {
  const one = { ...member('one', true), upstream: 'other' }
  const other = { ...member('other', true), upstream: 'one' }
  expect(rootOf(one, [one, other])).toBeNull()
})

test('a primary that is not seen is no root', () => {
  const standby = member('standby', true)
  expect(rootOf(standby, [standby])).toBeNull()
})

test.each([
  ['a standby', sender('standby'), true],
  ['a base backup', sender('pg_basebackup', { state: 'backup', replayLsn: null }), false],
  ['pg_receivewal', sender('pg_receivewal', { replayLsn: null }), false],
  ['a subscription', sender('sub', { slot: 'sub' }), false],
])('%s behind a walsender', (_, walsender, expected) => {
  expect(isStandbySender(walsender, [slot('sub', { type: 'logical' })])).toBe(expected)
})

test('its walsender is found by slot, then by name, and not guessed', () => {
  const primary = member('primary', false, { senders: [sender('a', { slot: 's1' }), sender('b')] })
  expect(senderOf(member('x', true, { receiver: [receiver({ slot: 's1' })] }), primary)?.applicationName).toBe('a')
  expect(senderOf(member('b', true), primary)?.applicationName).toBe('b')
  expect(senderOf(member('x', true), primary)).toBeNull()
})

test('one server under two names has the same start; another port makes it another server', () => {
  const one = member('primary', false, { settings: { port: '5432' } })
  const again = { ...one, name: 'vip' }
  expect(isSameServer(one, again)).toBe(true)
  expect(isSameServer(one, { ...again, wanted: { settings: { port: '5433' } } })).toBe(false)
  expect(isSameServer(one, { ...again, server: { ...one.server, startedMs: 1 } })).toBe(false)
})
