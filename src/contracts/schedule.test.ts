import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ContractFact, Layer } from '../core/facts/cluster.ts'
import { after, decide, neverProbed, type ProbeCircumstances, type ProbeState } from './schedule.ts'

const calm: ProbeCircumstances = { nowMs: 100_000, suspected: false, credentials: 'a', sessions: null }

const fact = (failures: number, layer: Layer | null, atMs = 100_000): ContractFact => ({
  contract: 'login',
  instance: 'app',
  node: 'primary',
  from: 'here',
  role: 'app',
  atMs,
  ok: failures === 0,
  layer,
  code: null,
  message: null,
  ms: 5,
  failures,
  route: 'application',
})

const refused = (times: number): ProbeState => {
  let state = neverProbed
  for (let n = 1; n <= times; n += 1) state = after(state, fact(n, 'auth'), 'a')
  return state
}

const due = (state: ProbeState, now: Partial<ProbeCircumstances>): boolean => decide(state, { ...calm, ...now }).probe

describe('decide', () => {
  test('the first probe is due at once, the next every five seconds', () => {
    expect(due(neverProbed, {})).toBe(true)
    const state = after(neverProbed, fact(0, null), 'a')
    expect(due(state, { nowMs: 104_999 })).toBe(false)
    expect(due(state, { nowMs: 105_000 })).toBe(true)
  })

  test('every second while something is suspected or fails', () => {
    const well = after(neverProbed, fact(0, null), 'a')
    expect(due(well, { nowMs: 101_000, suspected: true })).toBe(true)
    const failing = after(neverProbed, fact(1, 'tcp'), 'a')
    expect(due(failing, { nowMs: 100_999 })).toBe(false)
    expect(due(failing, { nowMs: 101_000 })).toBe(true)
  })

  test('after three refused logins it waits for a change of file or role, and asks once a minute', () => {
    expect(due(refused(2), { nowMs: 101_000 })).toBe(true)
    const state = refused(3)
    expect(decide(state, { ...calm, nowMs: 130_000, suspected: true })).toMatchObject({
      why: 'backed-off',
      nextMs: 160_000,
    })
    expect(due(state, { nowMs: 160_000 })).toBe(true)
    expect(due(state, { nowMs: 100_100, credentials: 'b' })).toBe(true)
    expect(after(state, fact(4, 'auth'), 'b').authFailures).toBe(1)
    expect(after(state, fact(0, null), 'b').authFailures).toBe(0)
  })

  test('takes none of the last sessions', () => {
    const sessions = { total: 95, active: 1, waitingForLock: 0, maxConnections: 100, reserved: 3 }
    expect(decide(neverProbed, { ...calm, sessions })).toMatchObject({ probe: false, why: 'few-sessions-left' })
    expect(due(neverProbed, { sessions: { ...sessions, total: 90 } })).toBe(true)
  })

  test('a login of replication has places of its own, of which the last is left', () => {
    const sessions = { total: 97, active: 0, waitingForLock: 0, maxConnections: 100, reserved: 3 }
    expect(decide(neverProbed, { ...calm, sessions, walsenders: 1 })).toMatchObject({
      probe: false,
      words: expect.stringContaining('1 walsenders'),
    })
    for (const walsenders of [2, null]) expect(due(neverProbed, { sessions, walsenders })).toBe(true)
  })

  test('never more than one login a second, and no more than three refused ones a minute with the same credentials', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ ms: fc.integer({ min: 1, max: 900 }), suspected: fc.boolean() }), { maxLength: 400 }),
        (ticks) => {
          let state = neverProbed
          let nowMs = 0
          const logins: number[] = []
          for (const { ms, suspected } of ticks) {
            nowMs += ms
            if (!decide(state, { ...calm, nowMs, suspected }).probe) continue
            logins.push(nowMs)
            state = after(state, fact(logins.length, 'auth', nowMs), 'a')
          }
          const gaps = logins.slice(1).map((at, n) => at - (logins[n] ?? 0))
          expect(gaps.every((gap) => gap >= 1_000)).toBe(true)
          expect(gaps.slice(2).every((gap) => gap >= 60_000)).toBe(true)
        },
      ),
    )
  })
})
