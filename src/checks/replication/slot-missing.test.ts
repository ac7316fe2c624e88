import { expect, test } from 'vitest'
import { findingsOf, node, receiver, slot, snapshot, t0 } from '../../../test/builders.ts'
import { unseen } from '../../core/observation.ts'
import check from './slot-missing.ts'

const asks = { primary_slot_name: 'standby', restore_command: '' }
const cluster = (slots: readonly string[], streaming: boolean, settings = asks, atMs = t0) =>
  snapshot({
    atMs,
    primary: { replicationSlots: slots.map((name) => slot(name)), settings: { wal_keep_size: '0' } },
    standby: { settings, receiver: streaming ? [receiver()] : [] },
  })

test('a standby that asks for a slot which was dropped is found', () => {
  expect(findingsOf(check, cluster(['other'], false))).toMatchObject([
    {
      subject: 'standby',
      severity: 'error',
      evidence: { primary_slot_name: 'standby', slots: 'other' },
      remedy: expect.stringContaining("pg_create_physical_replication_slot('standby', true)"),
    },
  ])
})

test('streaming without a slot and without an archive is a warning', () => {
  expect(findingsOf(check, cluster([], true, { ...asks, primary_slot_name: '' }))).toMatchObject([
    { severity: 'warning', remedy: expect.stringContaining("primary_slot_name = 'standby_slot'") },
  ])
})

test.each([
  ['the slot is there', cluster(['standby'], false)],
  ['it streams', cluster([], true)],
  ['no slot, and an archive', cluster([], true, { primary_slot_name: '', restore_command: 'cp …' })],
  ['settings that were not told', snapshot()],
])('%s: no finding', (_, now) => {
  expect(findingsOf(check, now)).toEqual([])
})

test('during a switchover it streamed a moment ago: no finding before the grace is over', () => {
  expect(findingsOf(check, cluster([], false, asks, t0 + 5000), cluster([], true))).toEqual([])
  expect(findingsOf(check, cluster([], false, asks, t0 + 11_000), cluster([], true))).toHaveLength(1)
})

test('a node of a cascade may hold it; one that cannot be seen may too', () => {
  const now = cluster([], false)
  const holder = node('standby2', 'standby', { replicationSlots: [slot('standby')] })
  const hidden = { ...holder, facts: { ...holder.facts, replicationSlots: unseen('unreachable', 'silence', 'look') } }
  expect(findingsOf(check, { ...now, nodes: [...now.nodes, holder] })).toEqual([])
  expect(findingsOf(check, { ...now, nodes: [...now.nodes, hidden] })).toEqual([])
})
