import { expect, test } from 'vitest'
import { outcomes, snapshot, t0 } from '../../test/builders.ts'
import { learnBand, loadOf, type Band } from './band.ts'
import { learnBaseline } from './baseline.ts'
import { nextLastGood } from './last-good.ts'

const busy = (active: number) =>
  snapshot({ primary: { sessions: { total: 50, active, waitingForLock: 0, maxConnections: 100, reserved: 3 } } }).nodes

test('the band is the most that was seen while nothing hurt, and unknown before three samples', () => {
  let band: Band = {}
  band = learnBand(band, busy(2), true)
  expect(loadOf(band, busy(2)).nodes[0]?.band).toBeNull()
  for (const active of [3, 5, 1]) band = learnBand(band, busy(active), true)
  band = learnBand(band, busy(90), false)
  expect(loadOf(band, busy(90)).nodes[0]).toEqual({ node: 'primary', active: 90, band: 5 })
})

test('the baseline leaves out what is young, and learns nothing while something hurts', () => {
  const { seconds } = outcomes({ subscriber: 'APP_BAD_HASH' }, t0)
  expect(learnBaseline(null, seconds, t0, true)).toBeCloseTo(1 / 3, 5)
  expect(learnBaseline(null, seconds, t0 - 9_500, true)).toBeNull()
  expect(learnBaseline(0.01, seconds, t0 + 60_000, false)).toBe(0.01)
})

test('the last known good state begins with the first green whole, and moves on ten minutes after a harmless change', () => {
  const health = { atMs: t0, complete: true, green: true, lastChangeMs: null }
  expect(nextLastGood({ atMs: null }, { ...health, green: false }).atMs).toBeNull()
  expect(nextLastGood({ atMs: null }, { ...health, complete: false }).atMs).toBeNull()
  const first = nextLastGood({ atMs: null }, health)
  expect(first.atMs).toBe(t0)
  const changed = { ...health, lastChangeMs: t0 + 1000 }
  expect(nextLastGood(first, { ...changed, atMs: t0 + 60_000 }).atMs).toBe(t0)
  expect(nextLastGood(first, { ...changed, atMs: t0 + 700_000 }).atMs).toBe(t0 + 700_000)
})
