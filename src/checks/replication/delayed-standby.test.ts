import { expect, test } from 'vitest'
import { findingsOf, snapshot, t0 } from '../../../test/builders.ts'
import check from './delayed-standby.ts'

const wal = { writeLsn: null, receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 }
const lastGood = {
  atMs: t0,
  by: 'first',
  nodes: [
    {
      node: 'standby',
      settings: { recovery_min_apply_delay: '3600000' },
      roleSettings: null,
      accessRulesDigest: null,
      systemId: '1',
    },
  ],
} as const
const at = (seconds: number, written: string, replayed: string, delayMs = 6000) =>
  snapshot({
    atMs: t0 + seconds * 1000,
    primary: { wal: { ...wal, writeLsn: written } },
    standby: {
      wal: { ...wal, receiveLsn: written, replayLsn: replayed },
      settings: { recovery_min_apply_delay: String(delayMs) },
    },
  })

test('a delay as declared is a note, also while the primary is idle', () => {
  expect(findingsOf(check, at(7, '0/3000', '0/2000'), at(1, '0/3000', '0/2000'))).toMatchObject([
    { subject: 'standby', severity: 'info', evidence: { recovery_min_apply_delay: 6000, behind_ms: 6000 } },
  ])
  expect(findingsOf(check, at(900, '0/3000', '0/3000'), at(0, '0/3000', '0/3000'))).toMatchObject([
    { severity: 'info', evidence: { behind_ms: 0 } },
  ])
})

test('later than its delay and what is tolerated is a warning', () => {
  expect(findingsOf(check, at(37, '0/3000', '0/2000'), at(0, '0/3000', '0/2000'))).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('is 37 s behind') },
  ])
})

test('a delay that was taken away is a warning with the order that puts it back', () => {
  const cluster = snapshot({ standby: { settings: { recovery_min_apply_delay: '0' } }, facts: { lastGood } })
  expect(findingsOf(check, cluster)).toMatchObject([
    { severity: 'warning', remedy: expect.stringContaining('recovery_min_apply_delay = 3600000;') },
  ])
})

test.each([
  ['a standby without a delay', snapshot()],
  [
    'a setting on a primary, where it does nothing',
    snapshot({ primary: { settings: { recovery_min_apply_delay: '6000' } } }),
  ],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})
