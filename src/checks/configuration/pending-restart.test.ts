import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './pending-restart.ts'

const line = (name: string, value: string, at: number) => ({
  file: '/data/postgresql.conf',
  line: at,
  name,
  value,
  applied: false,
  error: 'setting could not be applied',
})

test('a setting that waits for a restart is told with what it is now and will be', () => {
  const primary = {
    pendingRestart: ['max_connections'],
    settings: { max_connections: '100' },
    fileSettings: [line('max_connections', '150', 3), line('max_connections', '200', 9)],
  }
  expect(findingsOf(check, snapshot({ primary }))).toMatchObject([
    {
      subject: 'primary:max_connections',
      severity: 'warning',
      evidence: { setting: '100', after_restart: '200', sourceline: 9 },
    },
  ])
})

test('a port that will move is an error', () => {
  expect(findingsOf(check, snapshot({ primary: { pendingRestart: ['port'] } }))).toMatchObject([{ severity: 'error' }])
})

test('nobody is told before an hour has passed, and nothing without one that waits', () => {
  expect(check.limits?.[check.sustainMs ?? '']?.default).toBe(3_600_000)
  expect(findingsOf(check, snapshot())).toEqual([])
})
