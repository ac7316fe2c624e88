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

test('WAL up to the end of a page is perhaps half a record, for which a standby waits; more than that is not', () => {
  const idle = { ...at(9000, '0/E78000'), earlier: [at(1000, '0/E78000')] }
  expect(behindMs('0/E776C8', idle)).toBe(0)
  expect(behindMs('0/D00000', idle)).toBe(8000)
  expect(behindMs('0/E776C8', { ...at(9000, '0/E78010'), earlier: [at(1000, '0/E78000')] })).toBe(0)
  expect(behindMs('0/E776C8', { ...at(9000, '0/E78000'), earlier: [at(1000, '0/E77700')] })).toBe(8000)
})

test('a writer that was in recovery a moment ago has no positions to compare with', () => {
  expect(behindMs('0/10', { ...at(9000, '0/30'), earlier: [at(1000, null)] })).toBe(0)
})

test('no setting is no delay', () => {
  expect([applyDelayMs(undefined), applyDelayMs({ recovery_min_apply_delay: '6000' })]).toEqual([0, 6000])
})
