import { expect, test } from 'vitest'
import { findingsOf, node, receiver, slot, snapshot, t0 } from '../../../test/builders.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import check from './upstream-cascade-lag.ts'
import lagTime from './lag-time.ts'

const wal = { writeLsn: null, receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 }
interface Positions {
  readonly primary: string
  readonly middle: string
  readonly leaf: readonly [received: string, replayed: string]
  readonly cut?: boolean
  readonly delayMs?: number
}
const at = (seconds: number, { primary, middle, leaf, cut = false, delayMs = 0 }: Positions): Snapshot => {
  const atMs = t0 + seconds * 1000
  const cluster = snapshot({
    atMs,
    primary: { wal: { ...wal, writeLsn: primary }, replicationSlots: [slot('standby')] },
    standby: {
      wal: { ...wal, receiveLsn: middle, replayLsn: middle },
      replicationSlots: [slot('leaf')],
      receiver: cut ? [] : [receiver()],
    },
  })
  const follower = node(
    'leaf',
    'standby',
    {
      wal: { ...wal, receiveLsn: leaf[0], replayLsn: leaf[1] },
      receiver: [receiver({ slot: 'leaf' })],
      settings: { recovery_min_apply_delay: String(delayMs) },
    },
    atMs,
  )
  return { ...cluster, nodes: [...cluster.nodes, follower] }
}
const well: Positions = { primary: '0/2000', middle: '0/2000', leaf: ['0/2000', '0/2000'] }

test('a cascade whose upstream is cut off is late, and the broken hop is named', () => {
  const now = at(40, { ...well, primary: '0/5000', cut: true })
  const past = [at(0, well), at(5, { ...well, primary: '0/3000', cut: true })]
  expect(findingsOf(check, now, ...past)).toMatchObject([
    {
      subject: 'leaf',
      severity: 'error',
      message: expect.stringContaining('primary to standby'),
      evidence: { lag_ms: 35_000, way: 'primary → standby → leaf', not_streaming: 'standby' },
    },
  ])
  expect(findingsOf(lagTime, now, ...past).map(({ subject }) => subject)).toEqual(['standby'])
})

test('a hop that is late at its end is named', () => {
  const late: Positions = { primary: '0/3000', middle: '0/3000', leaf: ['0/2000', '0/2000'] }
  expect(findingsOf(check, at(12, late), at(0, well), at(2, late))).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('standby to leaf') },
  ])
})

test('what was received and not replayed is a matter of the standby itself', () => {
  const late: Positions = { primary: '0/3000', middle: '0/3000', leaf: ['0/3000', '0/2000'] }
  expect(findingsOf(check, at(12, late), at(0, well), at(2, late))).toMatchObject([
    { message: expect.stringContaining('does not replay it') },
  ])
})

test.each([
  ['an idle primary', [at(3600, well), at(0, well)]],
  [
    'a delay as declared',
    [
      at(60, { primary: '0/3000', middle: '0/3000', leaf: ['0/3000', '0/2000'], delayMs: 60_000 }),
      at(0, { primary: '0/3000', middle: '0/3000', leaf: ['0/3000', '0/2000'], delayMs: 60_000 }),
    ],
  ],
  ['a standby that follows the primary itself', [snapshot()]],
])('%s: no finding', (_, [now, ...history]) => {
  expect(now && findingsOf(check, now, ...history)).toEqual([])
})

test('where the first primary cannot be seen, nothing is said', () => {
  const without = (cluster: Snapshot): Snapshot => ({
    ...cluster,
    nodes: cluster.nodes.filter(({ name }) => name !== 'primary'),
  })
  const now = at(40, { ...well, primary: '0/5000', cut: true })
  expect(findingsOf(check, without(now), without(at(0, { ...well, primary: '0/5000' })))).toEqual([])
})
