import { expect, test } from 'vitest'
import { findingsOf, node, snapshot, t0 } from '../../../test/builders.ts'
import type { ServerFact } from '../../core/facts/postgres/server.ts'
import { unseen } from '../../core/observation.ts'
import type { NodeRole, Snapshot } from '../../core/snapshot.ts'
import check from './split-brain.ts'

const wal = { writeLsn: '0/4000000', receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 2 }
const server: ServerFact = {
  versionNum: 180_004,
  database: 'auth',
  systemId: '1',
  startedMs: t0 - 50_000,
  confLoadedMs: t0,
  inRecovery: false,
  nowMs: t0,
}
const second = (more: Partial<ServerFact> = {}, role: NodeRole = 'primary', settings = {}): Snapshot => {
  const cluster = snapshot()
  const other = node('standby', role, { server: { ...server, ...more }, wal, settings })
  return { ...cluster, nodes: cluster.nodes.map((each) => (each.name === 'standby' ? other : each)) }
}

test('two writable copies of one system are critical at once', () => {
  expect(findingsOf(check, second(), second())).toMatchObject([
    {
      subject: 'primary',
      severity: 'critical',
      sustained: false,
      evidence: { system_identifier: '1', timeline: 'primary 1, standby 2' },
    },
  ])
  expect(findingsOf(check, second())).toHaveLength(1)
})

test('a round in which the one was demoted and the other promoted is a switchover', () => {
  const before = snapshot({ atMs: t0 - 1000 })
  expect(findingsOf(check, second(), before)).toEqual([])
  // Judged once more between two rounds: it is still one round.
  expect(findingsOf(check, second(), before, second())).toEqual([])
})

test.each([
  ['one primary and its standby', snapshot()],
  ['a subscriber, with another system id', snapshot()],
  ['a subscriber that was made from a copy', second({}, 'subscriber')],
  ['one server under two names', second({ startedMs: t0 - 86_400_000 })],
  ['a primary of another system', second({ systemId: '7' })],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})

test('equal start and another port is another server', () => {
  const port = (value: string) => ({ port: value })
  const two = second({ startedMs: t0 - 86_400_000 }, 'primary', port('5433'))
  const nodes = two.nodes.map((each) =>
    each.name === 'primary' ? node('primary', 'primary', { settings: port('5432') }) : each,
  )
  expect(findingsOf(check, { ...two, nodes })).toHaveLength(1)
})

test('a node that cannot be seen is not counted', () => {
  const two = second()
  const nodes = two.nodes.map((each) =>
    each.name === 'primary'
      ? { ...each, facts: { ...each.facts, server: unseen('unreachable', 'silence', 'look') } }
      : each,
  )
  expect(findingsOf(check, { ...two, nodes })).toEqual([])
})
