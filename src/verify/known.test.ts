import { expect, test } from 'vitest'
import type { SampledTable } from '../core/rolling.ts'
import type { TableReport } from '../core/verification.ts'
import { knownOf, toldBy, toldBySample, type ToldTable } from './known.ts'
import { keyOf } from './rolling/entry.ts'

const table = (name: string) => ({ left: 'a', right: 'b', name })
const keys = new Set(['x', 'y', 'z'].map((name) => keyOf(table(name))))
const told = (name: string, what: ToldTable['what'], atMs: number, oldestMs: number | null = null): ToldTable => ({
  ...table(name),
  what,
  atMs,
  oldestMs,
})

test('the oldest look of all tables that are known is told, and of those that are not there nothing', () => {
  const known = knownOf(keys, [told('x', 'same', 9, 7), told('y', 'same', 20, 19), told('gone', 'same', 3, 1)])
  expect(known).toEqual({ tables: 3, verified: 2, differing: 0, oldestMs: 7 })
})

test('of two that disagree the later is right', () => {
  const same = told('x', 'same', 9, 7)
  expect(knownOf(keys, [told('x', 'different', 10), same])).toMatchObject({ verified: 0, differing: 1, oldestMs: null })
  expect(knownOf(keys, [told('x', 'different', 8), same])).toMatchObject({ verified: 1, differing: 0 })
  expect(knownOf(keys, [same, told('x', 'unknown', 10)])).toMatchObject({ verified: 0, differing: 0 })
})

test('what a run has settled is told: all of its rows, or rows that differ', () => {
  const report: TableReport = {
    table: 'x',
    verdict: 'consistent',
    rows: 1,
    chunks: 1,
    coverage: 1,
    oldestVerifiedMs: 5,
    differing: [],
    more: false,
    unsettled: 0,
    healed: 0,
    ms: 1,
    detail: null,
    remedy: null,
  }
  const at = { atMs: 9 }
  expect(toldBy(report, at)).toEqual({ atMs: 9, what: 'same', oldestMs: 5 })
  expect(toldBy({ ...report, coverage: 0.9999 }, at)).toBeNull()
  expect(toldBy({ ...report, verdict: 'lagging' }, at)).toBeNull()
  expect(toldBy({ ...report, verdict: 'corrupt' }, at)?.what).toBe('different')
})

test('the rolling sample knows a table that was gone through, unless it differs or cannot be read since', () => {
  const sampled: SampledTable = {
    ...table('x'),
    schema: 'public',
    table: 'x',
    stamp: null,
    after: null,
    begunMs: null,
    rows: 0,
    hasHole: false,
    verifiedMs: 5,
    endedMs: 6,
    failures: 0,
    difference: null,
    refusal: null,
  }
  const refusal = { detail: 'd', remedy: 'r', isForbidden: true, times: 2, sinceMs: 7, atMs: 8 }
  expect(toldBySample(sampled)).toMatchObject([{ what: 'same', oldestMs: 5 }])
  expect(toldBySample({ ...sampled, refusal })).toMatchObject([{ what: 'unknown', atMs: 8 }])
  expect(toldBySample({ ...sampled, verifiedMs: null })).toEqual([])
})
