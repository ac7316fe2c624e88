import { expect, test } from 'vitest'
import { findingsOf, sender, snapshot, t0 } from '../../../test/builders.ts'
import check from './sync-standby-missing.ts'

const waiting = {
  pid: 7,
  role: 'app',
  database: 'auth',
  application: 'login-1',
  backendType: 'client backend',
  state: 'active',
  xactMs: 12_000,
  stateMs: 11_000,
  waitEventType: 'IPC',
  waitEvent: 'SyncRep',
  xminAge: null,
}
const at = (seconds: number, states: readonly string[], names = 's1', more: Parameters<typeof snapshot>[0] = {}) =>
  snapshot({
    atMs: t0 + seconds * 1000,
    primary: {
      senders: states.map((syncState, i) => sender(`s${i + 1}`, { syncState })),
      settings: { synchronous_standby_names: names, synchronous_commit: 'on' },
      ...more.primary,
    },
  })

test('a commit that waits for a standby that is not there is critical', () => {
  const hanging = at(0, ['async'], 's9', { primary: { activity: { long: [waiting], use: [] } } })
  expect(findingsOf(check, hanging)).toMatchObject([
    { subject: 'primary', severity: 'critical', evidence: { wanted: 1, sync: 0, waiting: 1, longest_wait_ms: 11_000 } },
  ])
})

test('with nobody waiting it is an error; where commits do not wait by default, a warning', () => {
  expect(findingsOf(check, at(0, []))).toMatchObject([{ severity: 'error' }])
  const settings = { synchronous_standby_names: 's1', synchronous_commit: 'local' }
  expect(findingsOf(check, at(0, [], 's1', { primary: { settings } }))).toMatchObject([{ severity: 'warning' }])
})

test('as many as are asked for must be there', () => {
  expect(findingsOf(check, at(0, ['sync', 'async'], '2 (s1, s2)'))).toMatchObject([
    { evidence: { wanted: 2, sync: 1 } },
  ])
})

test('none to spare is a note', () => {
  expect(findingsOf(check, at(0, ['sync']))).toMatchObject([{ severity: 'info' }])
  expect(findingsOf(check, at(0, ['quorum'], 'ANY 1 (s1)'))).toMatchObject([{ severity: 'info' }])
})

test.each([
  ['no synchronous standby is asked for', at(0, [], '')],
  ['one is there, and one could take its place', at(0, ['sync', 'potential'], 's1, s2')],
  ['a quorum with one to spare', at(0, ['quorum', 'quorum'], 'ANY 1 (s1, s2)')],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})

test('a restart of the standby is no finding before the grace is over', () => {
  expect(findingsOf(check, at(5, [], 's1'), at(0, ['sync'], 's1'))).toEqual([])
  expect(findingsOf(check, at(11, [], 's1'), at(0, ['sync'], 's1'))).toHaveLength(1)
})
