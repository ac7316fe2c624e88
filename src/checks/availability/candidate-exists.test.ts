import { expect, test } from 'vitest'
import { findingsOf, host, node, receiver, snapshot, t0 } from '../../../test/builders.ts'
import type { PostgresFacts } from '../../core/facts/postgres/index.ts'
import { unseen } from '../../core/observation.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import check from './candidate-exists.ts'

const wal = { writeLsn: null, receiveLsn: '0/3000000', replayLsn: '0/3000000', replayPaused: false, timeline: 1 }
const only = (standby: Partial<PostgresFacts>, atMs = t0): Snapshot => snapshot({ standby, atMs })
const hide = (cluster: Snapshot, name: string): Snapshot => ({
  ...cluster,
  nodes: cluster.nodes.map((each) =>
    each.name === name ? { ...each, facts: { ...each.facts, server: unseen('unreachable', 'silence', 'look') } } : each,
  ),
})
const withSecond = (cluster: Snapshot, facts: Partial<PostgresFacts> = {}): Snapshot => ({
  ...cluster,
  nodes: [...cluster.nodes, node('standby2', 'standby', facts)],
})

test.each<readonly [string, Partial<PostgresFacts>]>([
  ['its replay is paused', { wal: { ...wal, replayPaused: true } }],
  ['it does not stream', { receiver: [] }],
  ['it is delayed by 3600 s on purpose', { settings: { recovery_min_apply_delay: '3600000' } }],
  ['it is on timeline 2, not 1', { wal: { ...wal, timeline: 2 }, receiver: [] }],
])('the only standby is no candidate: %s', (reason, facts) => {
  expect(findingsOf(check, only(facts))).toMatchObject([
    { subject: 'primary', severity: 'error', evidence: { standby: expect.stringContaining(reason) } },
  ])
})

test('one that lacks half a minute of writes is no candidate', () => {
  const at = (seconds: number, written: string) =>
    snapshot({ atMs: t0 + seconds * 1000, primary: { wal: { ...wal, writeLsn: written } }, standby: { wal } })
  expect(findingsOf(check, at(40, '0/9000000'), at(5, '0/4000000'))).toMatchObject([
    { evidence: { standby: 'it lacks the last 35 s of writes' } },
  ])
  expect(findingsOf(check, at(20, '0/9000000'), at(5, '0/4000000'))).toEqual([])
})

test('one whose disk is full is no candidate', () => {
  const disks = [{ what: 'data', path: '/', totalBytes: 100, freeBytes: 2 }] as const
  const cluster = snapshot({ facts: { hosts: { hosts: [host('standby', { disks })], blind: [] } } })
  expect(findingsOf(check, cluster)).toMatchObject([{ evidence: { standby: 'its data disk is full to 98 %' } }])
})

test('of two, each with its reasons, the last one that could is a note', () => {
  expect(findingsOf(check, withSecond(only({ receiver: [] })))).toMatchObject([
    { severity: 'info', evidence: { standby: 'it does not stream', standby2: 'could take over' } },
  ])
  expect(findingsOf(check, withSecond(only({ receiver: [] }), { receiver: [] }))).toMatchObject([{ severity: 'error' }])
})

test('a standby that cannot be seen may be well: a warning, not an error', () => {
  expect(findingsOf(check, hide(withSecond(only({ receiver: [] })), 'standby2'))).toMatchObject([
    { severity: 'warning', evidence: { standby2: 'cannot be seen: silence' } },
  ])
})

test('while the primary is gone nobody streams, and that is no reason', () => {
  expect(findingsOf(check, hide(only({ receiver: [] }), 'primary'))).toEqual([])
  expect(findingsOf(check, hide(only({ receiver: [], wal: { ...wal, replayPaused: true } }), 'primary'))).toMatchObject(
    [{ subject: 'primary', node: 'standby', evidence: { standby: 'its replay is paused' } }],
  )
})

test.each([
  ['one standby that is well', [snapshot()]],
  ['a restart of the standby', [only({ receiver: [] }, t0 + 20_000), only({ receiver: [receiver()] })]],
  ['no standby at all, by design', [{ ...snapshot(), nodes: [node('primary', 'primary')] }]],
  ['standbys that cannot be seen', [hide(snapshot(), 'standby')]],
])('%s: no finding', (_, [now, ...history]) => {
  expect(now && findingsOf(check, now, ...history)).toEqual([])
})
