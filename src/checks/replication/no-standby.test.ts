import { expect, test } from 'vitest'
import { findingsOf, node, sender, slot, snapshot, t0 } from '../../../test/builders.ts'
import type { SenderFact } from '../../core/facts/postgres/replication.ts'
import { unseen } from '../../core/observation.ts'
import check from './no-standby.ts'

const at = (seconds: number, senders: readonly SenderFact[]) =>
  snapshot({
    atMs: t0 + seconds * 1000,
    primary: { senders, replicationSlots: [slot('sub', { type: 'logical' })] },
  })
const subscription = sender('sub', { slot: 'sub' })
const backup = [
  sender('pg_basebackup', { state: 'backup', sentLsn: null, replayLsn: null }),
  sender('pg_basebackup', { replayLsn: null }),
]

test('a declared standby that does not stream, beside a subscriber that does, is no standby', () => {
  expect(findingsOf(check, at(0, [subscription]))).toMatchObject([
    { subject: 'primary', severity: 'error', evidence: { standbys: 'standby', not_seen: null } },
  ])
})

test('a standby that was seen and is gone for a minute is found, though nobody declared it', () => {
  const alone = (seconds: number, senders: readonly SenderFact[]) => {
    const cluster = at(seconds, senders)
    return { ...cluster, nodes: cluster.nodes.filter(({ name }) => name !== 'standby') }
  }
  expect(findingsOf(check, alone(61, []), alone(0, [sender('standby')]))).toMatchObject([
    { evidence: { last_seen: 'standby', last_seen_ms_ago: 61_000 } },
  ])
  expect(findingsOf(check, alone(61, []), alone(0, []))).toEqual([])
})

test('a base backup is no standby', () => {
  expect(findingsOf(check, at(0, backup))).toHaveLength(1)
})

test('a base backup beside a standby, and a restart of the standby, are no finding', () => {
  expect(findingsOf(check, at(0, [sender('standby'), ...backup]))).toEqual([])
  expect(findingsOf(check, at(30, []), at(0, [sender('standby')]), at(10, []))).toEqual([])
})

test('a standby that cannot be seen and streams is a standby', () => {
  const cluster = at(0, [sender('walreceiver')])
  const gone = unseen('unreachable', 'silence', 'look')
  const nodes = cluster.nodes.map((each) =>
    each.name === 'standby' ? { ...each, facts: { ...each.facts, server: gone, senders: gone } } : each,
  )
  expect(findingsOf(check, { ...cluster, nodes })).toEqual([])
})

test('a primary that was promoted or started a moment ago waits for its standbys', () => {
  const now = at(5, [])
  const asStandby = { ...snapshot(), nodes: [node('primary', 'standby')] }
  expect(findingsOf(check, now, asStandby)).toEqual([])
  const server = now.nodes[0]?.facts.server
  const restarted = server?.seen ? { ...server.value, startedMs: server.value.nowMs - 3000 } : undefined
  expect(restarted && findingsOf(check, snapshot({ primary: { server: restarted } }))).toEqual([])
})
