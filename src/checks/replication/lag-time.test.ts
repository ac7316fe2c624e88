import { expect, test } from 'vitest'
import { findingsOf, snapshot, t0 } from '../../../test/builders.ts'
import check from './lag-time.ts'

const at = (seconds: number, written: string, replayed: string, settings: Readonly<Record<string, string>> = {}) =>
  snapshot({
    atMs: t0 + seconds * 1000,
    primary: { wal: { writeLsn: written, receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 } },
    standby: {
      settings,
      wal: { writeLsn: null, receiveLsn: replayed, replayLsn: replayed, replayPaused: false, timeline: 1 },
    },
  })

test('lag is the age of the first position that is not replayed, on the watcher’s own clock', () => {
  const found = findingsOf(
    check,
    at(40, '0/5000', '0/2000'),
    at(0, '0/2000', '0/2000'),
    at(5, '0/3000', '0/2000'),
    at(20, '0/4000', '0/2000'),
  )
  expect(found).toMatchObject([{ subject: 'standby', severity: 'error', evidence: { lag_ms: 35_000 } }])
})

test('an idle primary is no lag, however long it is idle', () => {
  expect(findingsOf(check, at(3600, '0/2000', '0/2000'), at(0, '0/2000', '0/2000'))).toEqual([])
})

test('a standby that is cut off lags as soon as the primary writes on, though it replayed all that it received', () => {
  expect(
    findingsOf(check, at(12, '0/9000', '0/2000'), at(0, '0/2000', '0/2000'), at(2, '0/3000', '0/2000')),
  ).toMatchObject([{ severity: 'warning', evidence: { lag_ms: 10_000 } }])
})

test('a standby that is delayed on purpose is measured beyond its delay', () => {
  const delayed = { recovery_min_apply_delay: '60000' }
  const past = [at(0, '0/2000', '0/2000', delayed), at(5, '0/3000', '0/2000', delayed)]
  expect(findingsOf(check, at(60, '0/5000', '0/2000', delayed), ...past)).toEqual([])
  expect(findingsOf(check, at(75, '0/5000', '0/2000', delayed), ...past)).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('70 s ago, 60 s of it on purpose') },
  ])
})
