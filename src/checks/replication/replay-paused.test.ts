import { expect, test } from 'vitest'
import { findingsBeside, findingsOf, node, snapshot, t0 } from '../../../test/builders.ts'
import { unseen } from '../../core/observation.ts'
import check from './replay-paused.ts'

const wal = { writeLsn: null, receiveLsn: '0/4000000', replayLsn: '0/3000000', replayPaused: true, timeline: 1 }
const paused = (settings: Readonly<Record<string, string>> = {}, atMs = t0) =>
  snapshot({ atMs, standby: { wal, settings }, primary: { settings: { max_connections: '200' } } })

test('a pause on the only standby is an error, with how long it was seen', () => {
  expect(findingsOf(check, paused({}, t0 + 70_000), snapshot(), paused({}, t0 + 5000))).toMatchObject([
    { subject: 'standby', severity: 'error', evidence: { paused_for_ms_at_least: 65_000 } },
  ])
})

test('with another standby that replays it is a warning', () => {
  const cluster = paused()
  expect(findingsOf(check, { ...cluster, nodes: [...cluster.nodes, node('standby2', 'standby')] })).toMatchObject([
    { subject: 'standby', severity: 'warning' },
  ])
})

test('a standby that cannot be seen may be well: no more than a warning', () => {
  const cluster = paused()
  const other = node('standby2', 'standby')
  const gone = unseen('unreachable', 'no answer', 'look')
  const hidden = { ...other, facts: { ...other.facts, wal: gone } }
  expect(findingsBeside(check, { ...cluster, nodes: [...cluster.nodes, hidden] }, {})).toMatchObject([
    { subject: 'standby', severity: 'warning' },
  ])
})

test('a pause because a setting was raised on the primary only must not be resumed', () => {
  expect(findingsOf(check, paused({ max_connections: '100' }))).toMatchObject([
    {
      message: expect.stringContaining('max_connections is lower than on primary'),
      remedy: expect.stringContaining('alter system set max_connections = 200;'),
    },
  ])
})

test.each([
  ['replay that goes on', snapshot()],
  ['a delayed standby that replays', snapshot({ standby: { settings: { recovery_min_apply_delay: '60000' } } })],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})
