import { expect, test } from 'vitest'
import type { TouchedFact } from '../core/facts/cluster.ts'
import { mergedFacts } from './sampling.ts'

const fact = (more: Partial<TouchedFact>): TouchedFact => ({
  schema: 'public',
  table: 'users',
  source: 'primary',
  node: 'reports',
  atMs: 1_000,
  verdict: 'different',
  detail: null,
  sourceRows: 10,
  nodeRows: 9,
  times: 2,
  sinceMs: 500,
  readBy: { roles: [], sessions: 0, scans: 0 },
  ...more,
})

test('tables of both are told, and without a sample nothing changes', () => {
  const compared = [fact({ verdict: 'equal' })]
  expect(mergedFacts(compared, [])).toBe(compared)
  expect(mergedFacts(compared, [fact({ node: 'standby' }), fact({ table: 'orders' })])).toHaveLength(3)
})

test('a newer look at the whole table wins; an older one, a part, or no answer does not end a difference', () => {
  const sampled = fact({})
  const after = (compared: Partial<TouchedFact>): unknown => mergedFacts([fact(compared)], [sampled])[0]?.verdict
  expect(after({ verdict: 'equal', atMs: 2_000 })).toBe('equal')
  expect(after({ verdict: 'absent', atMs: 2_000 })).toBe('absent')
  expect(after({ verdict: 'equal', atMs: 900 })).toBe('different')
  expect(after({ verdict: 'equal', atMs: 2_000, detail: 'only its newest 9 rows of about 50' })).toBe('different')
  expect(after({ verdict: 'lagging', atMs: 2_000 })).toBe('different')
  expect(after({ verdict: 'unverifiable', atMs: 2_000 })).toBe('different')
})

test('what both found differs since the first of them, and a first look does not make it less certain', () => {
  const compared = fact({ times: 1, sinceMs: 1_900, atMs: 2_000, readBy: { roles: ['app'], sessions: 1, scans: 0 } })
  expect(mergedFacts([compared], [fact({ times: 5 })])).toEqual([{ ...compared, times: 5, sinceMs: 500 }])
})

test('what the sample could not compare gives way to what was compared', () => {
  const compared = fact({ verdict: 'equal', atMs: 900 })
  expect(mergedFacts([compared], [fact({ verdict: 'unverifiable' })])).toEqual([compared])
})
