import { expect, test } from 'vitest'
import { findingsOf, node, receiver, snapshot, t0 } from '../../../test/builders.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { unseen } from '../../core/observation.ts'
import check from './timeline-diverged.ts'

const wal = { writeLsn: null, receiveLsn: '0/3000000', replayLsn: '0/3000000', replayPaused: false, timeline: 1 }
const at = (seconds: number, primary: number, standby: number, streaming: boolean): Snapshot =>
  snapshot({
    atMs: t0 + seconds * 1000,
    primary: { wal: { ...wal, writeLsn: '0/4000000', timeline: primary } },
    standby: { wal: { ...wal, timeline: standby }, receiver: streaming ? [receiver({ timeline: standby })] : [] },
  })
const promoted = (timeline: number, atMs = t0) => {
  const cluster = snapshot({ atMs })
  const [, standby] = cluster.nodes
  const server = standby?.facts.server
  const facts = {
    ...(server?.seen ? { server: { ...server.value, inRecovery: false, startedMs: t0 - 5 } } : {}),
    wal: { ...wal, writeLsn: '0/3000100', timeline },
  }
  return {
    ...cluster,
    nodes: cluster.nodes.map((each) => (each.name === 'standby' ? node('standby', 'primary', facts, atMs) : each)),
  }
}

test('a standby on a newer timeline than its primary has parted from it', () => {
  expect(findingsOf(check, at(0, 1, 2, false))).toMatchObject([
    { subject: 'standby', severity: 'error', evidence: { timeline: 2, timeline_of_other: 1, other: 'primary' } },
  ])
})

test('a standby that was left behind on the old timeline is found after a minute', () => {
  expect(findingsOf(check, at(61, 2, 1, false), at(0, 2, 1, false))).toMatchObject([{ subject: 'standby' }])
})

test('what was so at the first look is told by a single audit: its looks are less than a second apart', () => {
  expect(findingsOf(check, at(0.2, 2, 1, false), at(0, 2, 1, false))).toMatchObject([{ subject: 'standby' }])
  expect(findingsOf(check, at(0.2, 1, 2, false), at(0, 1, 2, false))).toMatchObject([{ subject: 'standby' }])
})

test('of two that are open, the one that was left behind is named', () => {
  expect(findingsOf(check, promoted(2))).toMatchObject([{ subject: 'primary', evidence: { other: 'standby' } }])
})

test.each([
  ['one timeline', [at(0, 1, 1, true)]],
  ['a standby that streams on to the new timeline', [at(90, 2, 1, true), at(0, 2, 1, true)]],
  ['a switchover: it follows within seconds', [at(30, 2, 1, false), at(0, 1, 1, true), at(5, 2, 1, false)]],
  ['a standby read before its new primary', [at(1, 1, 2, false), at(0, 1, 1, true)]],
  ['two that are open on one timeline, which is split brain', [promoted(1)]],
])('%s: no finding', (_, [now, ...history]) => {
  expect(now && findingsOf(check, now, ...history)).toEqual([])
})

test('a subscriber has timelines of its own, and so has one of another system', () => {
  const cluster = snapshot({ subscriber: { wal: { ...wal, writeLsn: '0/1', timeline: 7 } } })
  expect(findingsOf(check, cluster)).toEqual([])
})

test('a standby that streams on a newer timeline from somebody who cannot be seen has not parted', () => {
  const now = at(0, 1, 2, true)
  const other = node('standby2', 'standby')
  const hidden = { ...other, facts: { ...other.facts, wal: unseen('unreachable', 'silence', 'look') } }
  expect(findingsOf(check, { ...now, nodes: [...now.nodes, hidden] })).toEqual([])
})

test('a timeline that cannot be told is not compared', () => {
  expect(findingsOf(check, snapshot({ standby: { wal: { ...wal, timeline: null }, receiver: [] } }))).toEqual([])
})
