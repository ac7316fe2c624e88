import { describe, expect, test } from 'vitest'
import { finding, node, receiver, sender, slot, snapshot, subscriptionState, t0 } from '../../../test/builders.ts'
import { unseen } from '../../core/observation.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { makeStyle } from '../../report/style.ts'
import type { KnownRows } from './known.ts'
import { statusText } from './text.ts'
import { topology } from './topology.ts'

const limits = { lostMs: 30_000, freeShare: 0.05, graceMs: 0 }
const tree = (cluster: Snapshot, findings: Parameters<typeof topology>[2] = []) =>
  topology(cluster, [], findings, limits)

const statusOf = (cluster: Snapshot, findings: Parameters<typeof topology>[2] = []) => ({
  name: 'auth',
  nodes: tree(cluster, findings),
  findings,
  cause: null,
  unnamed: [],
  readers: [],
  rows: { known: null, why: null },
})

const textOf = (cluster: Snapshot, findings: Parameters<typeof topology>[2] = [], width = 80): readonly string[] =>
  statusText(statusOf(cluster, findings), t0, makeStyle(false), width)

const wal = { writeLsn: null, receiveLsn: '0/3000000', replayLsn: '0/2000000', replayPaused: false, timeline: 1 }
const auth = (standby: Parameters<typeof snapshot>[0] = {}): Snapshot =>
  snapshot({
    primary: {
      wal: { ...wal, writeLsn: '0/3000000', receiveLsn: null, replayLsn: null },
      senders: [sender('standby', { slot: 'standby' })],
      replicationSlots: [slot('standby'), slot('sub', { type: 'logical', confirmedFlushLsn: '0/2FFFF00' })],
    },
    standby: { wal, receiver: [receiver()], settings: { primary_slot_name: 'standby' } },
    subscriber: { subscriptionStates: [subscriptionState()] },
    ...standby,
  })

describe('the tree', () => {
  test('says of each node whom it follows, how far behind, and whether it could take over', () => {
    expect(textOf(auth())).toEqual([
      'cluster auth  nothing is wrong',
      '',
      'primary        primary     18.4  takes writes',
      '├─ standby     standby     18.4  streaming, 16 MB behind, slot standby',
      '│              could take over',
      '└─ subscriber  subscriber  18.4  applying, 256 B behind, slot sub',
      '               cannot take over: it is a logical copy, which has only what is',
      '               published',
    ])
  })

  test('a standby of a standby hangs on that one', () => {
    const cascade = node('far', 'standby', {
      wal: { ...wal, replayLsn: '0/1000000' },
      receiver: [receiver({ slot: 'far' })],
      settings: { primary_slot_name: 'far' },
    })
    const cluster = auth({ standby: { wal, receiver: [receiver()], replicationSlots: [slot('far')] } })
    const lines = textOf({ ...cluster, nodes: [...cluster.nodes, { ...cascade, upstream: 'primary' }] })
    expect(lines.map((line) => line.replace(/ .*/, ''))).toContain('├─')
    expect(lines.filter((line) => line.includes('far'))).toEqual([
      '│  └─ far      standby     18.4  streaming, 16 MB behind, slot far',
    ])
    expect(lines[4]).toBe('│  │           could take over')
  })

  test('what is wrong is said in a word, with its number', () => {
    const findings = [
      finding('replication/lag-time', { node: 'standby', severity: 'warning' }),
      finding('replication/replay-paused', { node: 'standby', severity: 'error' }),
      finding('replication/sequence-behind', { node: 'subscriber', severity: 'info' }),
    ]
    const paused = auth({ standby: { wal: { ...wal, replayPaused: true }, receiver: [receiver()] } })
    const text = textOf(paused, findings).join('\n')
    expect(text).toContain('cluster auth  1 error\n')
    expect(text).toContain('error: replication/replay-paused and 1 more')
    expect(text).toContain('cannot take over: its replay is paused')
    expect(text).not.toContain('sequence-behind')
  })

  test('a node that is not seen is said to be so, and the others stay where they are', () => {
    const cluster = auth()
    const dead = {
      ...cluster,
      nodes: cluster.nodes.map((each) =>
        each.name === 'primary'
          ? {
              ...each,
              facts: { ...each.facts, server: unseen('unreachable', 'db1:5432: connect ECONNREFUSED', 'start it') },
            }
          : each,
      ),
    }
    expect(textOf(dead).slice(0, 4)).toEqual([
      'cluster auth  primary not seen',
      '',
      'primary        not seen    db1:5432: connect ECONNREFUSED',
      '├─ standby     standby     18.4  streaming, lag not seen, slot standby',
    ])
  })

  test('two that follow each other are both shown, once', () => {
    const cluster = auth()
    const circle = cluster.nodes
      .filter(({ name }) => name !== 'primary')
      .map((each, n, all) => ({ ...each, upstream: all[1 - n]?.name ?? null }))
    expect(tree({ ...cluster, nodes: circle }).map(({ name }) => name)).toHaveLength(2)
  })

  test('how much of the rows is known to be the same, and since when; nothing where no file says where that is kept', () => {
    const last = (rows: KnownRows): string | undefined =>
      statusText({ ...statusOf(auth()), rows }, t0, makeStyle(false), 120).at(-1)
    const known = { tables: 6, verified: 4, differing: 0, oldestMs: t0 - 7_200_000 }
    const all = 'rows  6 of 6 tables are known to be the same, the oldest look 120 min ago'
    expect(last({ known: { ...known, verified: 6 }, why: null })).toBe(all)
    expect(last({ known, why: null })).toBe(`${all.replace('6', '4')}: antemortem verify`)
    expect(last({ known: { ...known, verified: 0, differing: 1, oldestMs: null }, why: null })).toBe(
      'rows  0 of 6 tables are known to be the same, 1 differs: antemortem verify',
    )
    expect(last({ known: null, why: 'never' })).toBe('rows  never')
    expect(last({ known: null, why: null })).toContain('published')
  })

  test.each([40, 60, 80, 120])('at %d columns no line is longer', (width) => {
    const lines = textOf(auth(), [finding('replication/lag-time', { node: 'standby', severity: 'error' })], width)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
  })

  test('lag is told with the time for which it has lasted', () => {
    const earlier = [{ ...auth(), atMs: t0 - 2000 }]
    const late = topology(auth(), earlier, [], limits).find(({ name }) => name === 'standby')
    expect(late?.link).toMatchObject({ lagBytes: 16_777_216, state: 'streaming', slot: 'standby' })
    expect(late?.link?.lagMs).toBeGreaterThanOrEqual(0)
  })
})
