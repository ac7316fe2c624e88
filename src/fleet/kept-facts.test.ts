import { expect, test } from 'vitest'
import { node, t0 } from '../../test/builders.ts'
import { seen, unseen } from '../core/observation.ts'
import type { Sample } from '../core/snapshot.ts'
import { freshAt, merge, noFacts, silent } from './kept-facts.ts'

const whole = node('primary', 'primary').facts
const gone = unseen('unreachable', 'gone', 'start it')
const sample = (facts: Sample['facts'], atMs = t0): Sample => ({ node: 'primary', atMs, tookMs: 1, facts })

test('before the first sample nothing is known, and that is said', () => {
  expect(noFacts.tables).toMatchObject({ seen: false, why: 'no-history' })
})

test('a key that was not asked keeps its value and its time', () => {
  const merged = merge(whole, sample({ tick: seen(t0 + 1000, { catalogWrites: 2, catalogDigest: null }) }, t0 + 1000))
  expect(merged.sessions).toBe(whole.sessions)
  expect(merged.tick).toMatchObject({ atMs: t0 + 1000 })
})

test('a node that is gone loses what is about this moment, and keeps its schema for a while', () => {
  const merged = merge(whole, sample({ server: gone, wal: gone, tables: gone, settings: gone }))
  expect(merged.server).toBe(gone)
  expect(merged.tables).toBe(whole.tables)
  expect(freshAt(merged, t0 + 100_000).tables).toBe(whole.tables)
  expect(freshAt(merged, t0 + 200_000).tables).toMatchObject({
    seen: false,
    why: 'stale',
    detail: 'last seen 200 s ago',
  })
})

test('a privilege that was taken away is said at once, schema or not', () => {
  const refused = unseen('no-privilege', 'may not', 'grant it')
  expect(merge(whole, sample({ settings: refused })).settings).toBe(refused)
})

test('a fast fact that is not asked any more goes stale', () => {
  expect(freshAt(whole, t0 + 7000).senders).toBe(whole.senders)
  expect(freshAt(whole, t0 + 9000).senders).toMatchObject({ seen: false, why: 'stale' })
})

test('a node that stays silent in its round says nothing about this moment', () => {
  const why = unseen('timed-out', 'no answer', 'wait')
  expect(silent(whole, why).senders).toBe(why)
  expect(silent(whole, why).tables).toBe(whole.tables)
})
