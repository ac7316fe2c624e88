import { expect, test } from 'vitest'
import { contract, findingsOf, slot, snapshot } from '../../../test/builders.ts'
import type { SlotFact } from '../../core/facts/postgres/replication.ts'
import check from './slot-lost.ts'

const lost = { active: false, walStatus: 'lost', restartLsn: null } as const
const held = (name: string, more: Partial<SlotFact>, contracts = [contract('subscriber')]) =>
  snapshot({
    primary: { replicationSlots: [slot(name, more)] },
    standby: { settings: { primary_slot_name: 'standby' } },
    facts: { contracts },
  })

test('the lost slot of a subscriber that the application reads is critical', () => {
  expect(findingsOf(check, held('sub', { ...lost, type: 'logical', invalidation: 'wal_removed' }))).toMatchObject([
    {
      subject: 'primary:slot sub',
      severity: 'critical',
      evidence: { wal_status: 'lost', invalidation_reason: 'wal_removed', consumer: 'subscriber' },
      remedy: expect.stringContaining('copied anew'),
    },
  ])
})

test('of one that no contract reads, of a standby, and of nobody it is an error', () => {
  const severity = { severity: 'error' }
  expect(findingsOf(check, held('sub', { ...lost, type: 'logical' }, [contract('primary')]))).toMatchObject([severity])
  expect(findingsOf(check, held('standby', lost))).toMatchObject([
    { ...severity, evidence: { consumer: 'standby' }, remedy: expect.stringContaining('pg_basebackup') },
  ])
  expect(findingsOf(check, held('old', lost))).toMatchObject([severity])
})

test('an invalidated slot is lost, whatever its WAL status says', () => {
  expect(findingsOf(check, held('sub', { type: 'logical', invalidation: 'idle_timeout' }))).toMatchObject([
    { severity: 'critical' },
  ])
})

test('what is lost at the next checkpoint, and a lost copy on a standby, are warnings', () => {
  expect(findingsOf(check, held('sub', { walStatus: 'unreserved' }))).toMatchObject([{ severity: 'warning' }])
  const synced = snapshot({ standby: { replicationSlots: [slot('sub', { ...lost, type: 'logical', synced: true })] } })
  expect(findingsOf(check, synced)).toMatchObject([{ subject: 'standby:slot sub', severity: 'warning' }])
})

test.each<readonly [string, Partial<SlotFact>]>([
  ['a slot that keeps what is needed', {}],
  ['a slot beyond max_wal_size that still has it all', { walStatus: 'extended' }],
  ['a slot that was never used', { active: false, walStatus: null, restartLsn: null, safeWalBytes: -134_218_024 }],
  ['a synced slot on a standby, inactive by design', { active: false, synced: true }],
])('%s: no finding', (_, more) => {
  expect(findingsOf(check, held('sub', more))).toEqual([])
})
