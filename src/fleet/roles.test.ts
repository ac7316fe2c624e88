import { expect, test } from 'vitest'
import { node, subscription } from '../../test/builders.ts'
import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import type { SlotFact } from '../core/facts/postgres/replication.ts'
import { unseen } from '../core/observation.ts'
import type { NodeView } from '../core/snapshot.ts'
import { rolesOf } from './roles.ts'

const slot = (name: string): SlotFact => ({
  name,
  type: 'logical',
  active: true,
  activePid: 1,
  walStatus: 'reserved',
  restartLsn: null,
  confirmedFlushLsn: null,
  failover: false,
  synced: false,
  temporary: false,
  safeWalBytes: null,
  inactiveSinceMs: null,
  invalidation: null,
})
const dead = (name: string): NodeView => {
  const view = node(name, 'primary')
  return { ...view, facts: { ...view.facts, server: unseen('unreachable', 'gone', 'start it') } }
}
const primary = (facts: Partial<PostgresFacts> = {}, name = 'primary') =>
  node(name, 'primary', { replicationSlots: [slot('sub')], ...facts })
const standby = node('standby', 'standby')
const reports = node('reports', 'subscriber')
const all = (nodes: readonly NodeView[], before = rolesOf([], new Map())) => Object.fromEntries(rolesOf(nodes, before))

test('the nodes themselves say what they are', () => {
  expect(all([primary(), standby, reports])).toEqual({
    primary: { role: 'primary', upstream: null },
    standby: { role: 'standby', upstream: 'primary' },
    reports: { role: 'subscriber', upstream: 'primary' },
  })
})

test('a node that does not answer keeps its role, and those behind it their upstream', () => {
  const before = rolesOf([primary(), standby, reports], new Map())
  expect(all([dead('primary'), standby, dead('reports')], before)).toEqual(Object.fromEntries(before))
  expect(all([dead('primary')])).toEqual({ primary: { role: null, upstream: null } })
})

test('a lost slot makes no subscriber a primary: its publication is still there', () => {
  expect(all([primary({ replicationSlots: [] }), reports])).toMatchObject({
    reports: { role: 'subscriber', upstream: 'primary' },
  })
})

test('with slot and publication gone it keeps the role that it had', () => {
  const before = rolesOf([primary(), reports], new Map())
  expect(all([primary({ replicationSlots: [], publications: [] }), reports], before)).toMatchObject({
    reports: { role: 'subscriber', upstream: 'primary' },
  })
  const dropped = node('reports', 'subscriber', { subscriptionStates: [], subscriptions: [] })
  expect(all([primary(), dropped], before)).toMatchObject({ reports: { role: 'primary' } })
})

test('a promoted standby is a primary; the other standby still follows whom it followed', () => {
  const before = rolesOf([primary(), standby, node('second', 'standby')], new Map())
  const promoted = primary({}, 'standby')
  expect(all([primary(), promoted, node('second', 'standby')], before)).toMatchObject({
    standby: { role: 'primary', upstream: null },
    second: { role: 'standby', upstream: 'primary' },
  })
})

test('two publishers: each subscriber follows the one that holds its slot', () => {
  const other = node('other', 'primary', { replicationSlots: [slot('else')], publications: [] })
  const second = node('second', 'subscriber', {
    subscriptionStates: [
      { name: 's', enabled: true, slot: 'else', workerPid: 1, receivedLsn: null, applyErrors: 0, syncErrors: 0 },
    ],
    subscriptions: [subscription(['users'], { slot: 'else' })],
  })
  expect(all([primary(), other, reports, second])).toMatchObject({
    reports: { upstream: 'primary' },
    second: { upstream: 'other' },
  })
})
