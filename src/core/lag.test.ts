import { expect, test } from 'vitest'
import { applyDelayMs, behindMs } from './lag.ts'

const at = (atMs: number, writeLsn: string | null) => ({
  atMs,
  wal: { writeLsn, receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 },
})
const writer = { ...at(9000, '0/30'), earlier: [at(1000, '0/10'), at(4000, '0/20')] }

test('it is counted from the first sample that had more', () => {
  expect(behindMs('0/10', writer)).toBe(5000)
})

test('what has everything is not behind, however old the last write is', () => {
  expect(behindMs('0/30', writer)).toBe(0)
})

test('a writer that was in recovery a moment ago has no positions to compare with', () => {
  expect(behindMs('0/10', { ...at(9000, '0/30'), earlier: [at(1000, null)] })).toBe(0)
})

test('no setting is no delay', () => {
  expect([applyDelayMs(undefined), applyDelayMs({ recovery_min_apply_delay: '6000' })]).toEqual([0, 6000])
})
