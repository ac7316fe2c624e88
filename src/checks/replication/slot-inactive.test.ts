import { expect, test } from 'vitest'
import { findingsOf, host, slot, snapshot, t0 } from '../../../test/builders.ts'
import type { SlotFact } from '../../core/facts/postgres/replication.ts'
import { inspect } from '../../findings/inspect.ts'
import check from './slot-inactive.ts'

const idle = (more: Partial<SlotFact> = {}) =>
  slot('sub', { type: 'logical', active: false, activePid: null, restartLsn: '0/1000000', ...more })
const at = (seconds: number, more: Partial<SlotFact> = {}, settings: Readonly<Record<string, string>> = {}) =>
  snapshot({ atMs: t0 + seconds * 1000, primary: { replicationSlots: [idle(more)], settings } })

test('ten minutes without a reader are a warning that names the consumer', () => {
  expect(findingsOf(check, at(0, { inactiveSinceMs: t0 - 601_000 }))).toMatchObject([
    {
      subject: 'primary:slot sub',
      severity: 'warning',
      evidence: { consumer: 'subscriber', retained_bytes: 33_554_432, inactive_for_ms: 601_000 },
      remedy: expect.stringContaining("select pg_drop_replication_slot('sub');"),
    },
  ])
})

test('before ten minutes it is a note; before 17, where nothing says since when, what was watched counts', () => {
  expect(findingsOf(check, at(0, { inactiveSinceMs: t0 - 200_000 }))).toMatchObject([{ severity: 'info' }])
  expect(findingsOf(check, at(119), at(0), at(60))).toMatchObject([
    { severity: 'warning', evidence: { inactive_for_ms: 119_000 } },
  ])
})

test('before 17 a single look tells it as a note, and how long to wait for the next one; a watch waits itself', () => {
  const looks = [at(0.2), at(0)] as const
  expect(findingsOf(check, ...looks)).toMatchObject([
    { severity: 'info', remedy: expect.stringContaining('look once more in 100 s') },
  ])
  const [now, before] = looks
  expect(inspect([check], now, [before], {}, { unansweredMs: { primary: 0 } })).toMatchObject([{ found: [] }])
})

test('a slot that is nearly lost is an error at once', () => {
  const limit = { max_slot_wal_keep_size: '1000' }
  expect(findingsOf(check, at(0, { safeWalBytes: 100_000_000 }, limit))).toMatchObject([{ severity: 'error' }])
  expect(findingsOf(check, at(0, { safeWalBytes: 900_000_000, inactiveSinceMs: t0 }, limit))).toEqual([])
})

test('a quarter of the free disk is an error', () => {
  const disks = [{ what: 'data', path: '/', totalBytes: 1e9, freeBytes: 1e8 }] as const
  const cluster = snapshot({
    primary: { replicationSlots: [idle()] },
    facts: { hosts: { hosts: [host('primary', { disks })], blind: [] } },
  })
  expect(findingsOf(check, cluster)).toMatchObject([{ severity: 'error', evidence: { disk_free_bytes: 100_000_000 } }])
})

test.each<readonly [string, Partial<SlotFact>]>([
  ['a consumer that is restarted for 90 s', { inactiveSinceMs: t0 - 90_000 }],
  ['a slot that is read', { active: true }],
  ['a slot that was never used', { restartLsn: null, walStatus: null, safeWalBytes: null, inactiveSinceMs: t0 - 9e8 }],
  ['a synced slot on a standby', { synced: true, inactiveSinceMs: t0 - 9e8 }],
  ['a lost slot, which keeps nothing', { walStatus: 'lost', inactiveSinceMs: t0 - 9e8 }],
])('%s: no finding', (_, more) => {
  expect(findingsOf(check, at(0, more), at(-60, more))).toEqual([])
})

test('before 17 a consumer that is restarted for 90 s, and a slot made a moment ago, are no finding', () => {
  expect(findingsOf(check, at(91), at(0, { active: true }), at(1), at(60))).toEqual([])
  expect(findingsOf(check, at(119), snapshot({ atMs: t0 }), at(110))).toEqual([])
})
