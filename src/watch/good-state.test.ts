import { expect, test } from 'vitest'
import { node, slot, snapshot, t0 } from '../../test/builders.ts'
import { unseen } from '../core/observation.ts'
import { goodState, mergeGood } from './good-state.ts'

const blind = unseen('no-privilege', 'hidden', 'grant it')

test('what is good is what each node says now', () => {
  const good = goodState(snapshot({ primary: { settings: { work_mem: '4MB' } } }).nodes, t0, 'first')
  expect(good).toMatchObject({ atMs: t0, by: 'first' })
  expect(good.nodes[0]).toMatchObject({
    node: 'primary',
    settings: { work_mem: '4MB' },
    roleSettings: [],
    systemId: '1',
    replication: { inRecovery: false, replayPaused: false },
  })
})

test('what cannot be seen is null, and stays as it was seen before', () => {
  const before = goodState([node('primary', 'primary', { settings: { work_mem: '4MB' } })], t0, 'first')
  const view = node('primary', 'primary')
  const now = goodState([{ ...view, facts: { ...view.facts, settings: blind } }], t0 + 1000, 'moved-on')
  expect(now.nodes[0]?.settings).toBeNull()
  expect(mergeGood(before, now)).toMatchObject({ atMs: t0 + 1000, nodes: [{ settings: { work_mem: '4MB' } }] })
  expect(mergeGood(null, now)).toBe(now)
})

test('of slots it is kept which were there and whole, without those of a session', () => {
  const replicationSlots = [slot('a'), slot('b', { walStatus: 'lost' }), slot('c', { temporary: true })]
  const good = goodState([node('primary', 'primary', { replicationSlots })], t0, 'first')
  expect(good.nodes[0]?.replication?.slots).toEqual([
    { name: 'a', isLost: false },
    { name: 'b', isLost: true },
  ])
})
