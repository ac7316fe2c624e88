import { describe, expect, test } from 'vitest'
import { publication, receiver, sender, slot, snapshot, subscription, subscriptionState } from '../../test/builders.ts'
import { unnamed } from './discovery.ts'

const view = (more: Parameters<typeof snapshot>[0], only?: readonly string[]) =>
  unnamed(snapshot(more).nodes.filter(({ name }) => only === undefined || only.includes(name)))

const primary = {
  senders: [
    sender('walreceiver', { slot: 'standby', clientAddress: '10.0.0.2' }),
    sender('reports_sub', { slot: 'reports_sub', clientAddress: '10.0.0.3' }),
  ],
  replicationSlots: [slot('standby'), slot('reports_sub', { type: 'logical' })],
  publications: [publication(['users'])],
}
const followers = {
  standby: { settings: { primary_slot_name: 'standby' } },
  subscriber: {
    subscriptions: [subscription(['users'], { slot: 'reports_sub' })],
    subscriptionStates: [subscriptionState({ slot: 'reports_sub' })],
  },
}

describe('unnamed', () => {
  test('one primary alone tells of its standby and of its subscriber', () => {
    expect(view({ primary }, ['primary'])).toMatchObject([
      { role: 'standby', by: 'primary', address: '10.0.0.2', slot: 'standby' },
      { role: 'subscriber', by: 'primary', name: 'reports_sub', address: '10.0.0.3', database: null },
    ])
  })

  test('who is named is not told of', () => {
    expect(view({ primary, ...followers })).toEqual([])
  })

  test('a slot that nobody reads tells of who is gone', () => {
    const replicationSlots = [slot('old', { active: false }), slot('tmp', { active: false, temporary: true })]
    expect(view({ primary: { senders: [], replicationSlots } }, ['primary'])).toMatchObject([
      { role: 'standby', name: 'old', address: null, slot: 'old' },
    ])
  })

  test('a base backup is no standby', () => {
    const senders = [sender('pg_basebackup', { state: 'backup' })]
    expect(view({ primary: { senders, replicationSlots: [] } }, ['primary'])).toEqual([])
  })

  test('as many senders without a slot as named standbys without one are theirs', () => {
    const senders = [sender('walreceiver'), sender('walreceiver', { pid: 9, clientAddress: '10.0.0.9' })]
    const standby = { receiver: [receiver({ slot: null })], settings: {} }
    expect(view({ primary: { senders, replicationSlots: [] }, standby }, ['primary', 'standby'])).toMatchObject([
      { role: 'standby', address: '10.0.0.9' },
    ])
  })

  test('a standby and a subscriber alone tell of whom they follow', () => {
    const alone = snapshot({ standby: { receiver: [receiver({ senderHost: 'db1', senderPort: 5433 })] } })
    const standby = alone.nodes.filter(({ name }) => name === 'standby').map((node) => ({ ...node, upstream: null }))
    expect(unnamed(standby)).toMatchObject([{ role: 'primary', by: 'standby', address: 'db1', port: 5433 }])
    expect(view(followers, ['subscriber'])).toMatchObject([
      { role: 'publisher', by: 'subscriber', slot: 'reports_sub', address: null },
    ])
  })

  test('while a named node does not answer nobody is told of: it may be that one', () => {
    const nodes = snapshot({ primary }).nodes.map((node) =>
      node.name === 'standby'
        ? {
            ...node,
            facts: {
              ...node.facts,
              server: { seen: false as const, why: 'unreachable' as const, detail: '', remedy: '' },
            },
          }
        : node,
    )
    expect(unnamed(nodes)).toEqual([])
  })
})
