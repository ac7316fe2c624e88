import { expect, test } from 'vitest'
import { contract, node, t0 } from '../../test/builders.ts'
import { after, neverProbed, type ProbeState } from '../contracts/schedule.ts'
import { unseen } from '../core/observation.ts'
import type { NodeView } from '../core/snapshot.ts'
import { nextProbe, suspectedNodes } from './probe-turns.ts'

const gone = unseen('unreachable', 'connection refused', 'start it')
const dead = (view: NodeView): NodeView => ({ ...view, facts: { ...view.facts, server: gone } })

const wellAt = (atMs: number): ProbeState => after(neverProbed, contract('primary', { atMs }), 'a')

test('a node that our own sample does not reach is suspected, like one on which the application fails', () => {
  const nodes = [dead(node('primary', 'primary')), node('standby', 'standby'), node('subscriber', 'subscriber')]
  expect(suspectedNodes(nodes, new Set(['subscriber']))).toEqual(new Set(['primary', 'subscriber']))
})

test('the contract of a dead node has failed three times within three seconds and a round, at most once a second', () => {
  const diesMs = t0 + 100
  const state = new Map([['primary', wellAt(t0)]])
  const failedMs: number[] = []
  for (let nowMs = diesMs; failedMs.length < 3 && nowMs < t0 + 20_000; nowMs += 200) {
    // Samples are taken each second, and it is never this node's turn: the others have it.
    const isNoticed = nowMs >= t0 + 1_000
    const primary = node('primary', 'primary')
    const suspected = suspectedNodes([isNoticed ? dead(primary) : primary], new Set()).has('primary')
    const candidate = { state: state.get('primary') ?? neverProbed, credentials: 'a' }
    if (!nextProbe([candidate], { nowMs, suspected, sessions: null }, false)) continue
    failedMs.push(nowMs)
    const fact = contract('primary', { atMs: nowMs, ok: false, layer: 'tcp', failures: failedMs.length })
    state.set('primary', after(candidate.state, fact, 'a'))
  }
  expect(failedMs).toHaveLength(3)
  expect((failedMs[2] ?? 0) - diesMs).toBeLessThanOrEqual(3_400)
  expect(failedMs.slice(1).every((atMs, n) => atMs - (failedMs[n] ?? 0) >= 1_000)).toBe(true)
})

test('while nothing is suspected a node waits for its turn', () => {
  const now = { nowMs: t0 + 60_000, suspected: false, sessions: null }
  expect(nextProbe([{ state: wellAt(t0), credentials: 'a' }], now, false)).toBe(null)
  expect(nextProbe([{ state: wellAt(t0), credentials: 'a' }], now, true)).toMatchObject({ calm: true })
})
