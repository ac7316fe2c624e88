import { expect, test } from 'vitest'
import { node, t0 } from '../../test/builders.ts'
import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import {
  activityDue,
  afterFast,
  afterSlow,
  afterSlowFailed,
  databasesDue,
  digestDue,
  nothingDue,
  sendersDue,
  sessionsDue,
  slotsDue,
  slowDue,
  turnOf,
} from './due.ts'

const sample = (facts: Partial<PostgresFacts> = {}) => ({
  node: 'primary',
  atMs: t0,
  tookMs: 1,
  facts: node('primary', 'primary', facts).facts,
})
const ticked = (catalogWrites: number | null, catalogDigest: string | null = null) =>
  sample({ tick: { catalogWrites, catalogDigest } })

const slow = (atMs = t0, tookMs = 10) => ({ node: 'primary', atMs, tookMs, facts: {} })
const calm = afterSlow(afterFast(nothingDue, ticked(10, 'a')), slow(), { what: 'everything', changed: false })

test('a node is described at first, then every minute what no tick speaks of, and all of it where nothing ticks', () => {
  expect(slowDue(afterFast(nothingDue, ticked(10)), t0, 5)).toBe('everything')
  const later = afterFast(calm, ticked(10))
  expect(slowDue(later, t0 + 59_000, 5)).toBeNull()
  expect(slowDue(later, t0 + 60_000, 5)).toBe('unticked')
  const blind = afterFast(afterSlow(nothingDue, slow(), { what: 'everything', changed: false }), sample({}))
  expect(slowDue({ ...blind, writes: null, digest: null }, t0 + 60_000, 5)).toBe('everything')
})

test('nodes that were first described together are not described together again', () => {
  const later = afterFast(calm, ticked(10))
  const times = Array.from({ length: 300 }, (_, n) => 60_000 - turnOf(`db${n}`))
  const inSecond = (second: number): number => times.filter((ms) => Math.floor(ms / 1000) === second).length
  expect(Math.max(...Array.from({ length: 61 }, (_, second) => inSecond(second)))).toBeLessThan(40)
  expect(Math.min(...times)).toBeGreaterThanOrEqual(45_000)
  const turn = turnOf('db7')
  expect(slowDue(later, t0 + 59_000 - turn, 5, turn)).toBeNull()
  expect(slowDue(later, t0 + 60_000 - turn, 5, turn)).toBe('unticked')
})

test('a moved counter, a moved digest and a reload ask for it at once', () => {
  expect(slowDue(afterFast(calm, ticked(11)), t0 + 1000, 5)).toBe('everything')
  expect(slowDue(afterFast(calm, ticked(10, 'b')), t0 + 1000, 5)).toBe('everything')
  const { server } = node('primary', 'primary').facts
  if (!server.seen) throw new Error('the builder gives a server')
  const reloaded = sample({
    server: { ...server.value, confLoadedMs: t0 },
    tick: { catalogWrites: 10, catalogDigest: null },
  })
  expect(slowDue(afterFast(calm, reloaded), t0 + 1000, 5)).toBe('everything')
})

test('a digest that was not taken this time has not moved', () => {
  expect(slowDue(afterFast(calm, ticked(10, null)), t0 + 1000, 5)).toBeNull()
})

test('an application that makes temporary tables all day is looked at less and less, but never overlooked', () => {
  let due = calm
  let looks = 0
  for (let second = 1; second <= 600; second += 1) {
    due = afterFast(due, ticked(10 + second))
    if (slowDue(due, t0 + second * 1000, 5) === null) continue
    looks += 1
    due = afterSlow(due, slow(t0 + second * 1000), { what: 'everything', changed: false })
  }
  expect(looks).toBeGreaterThan(600 / 60)
  expect(looks).toBeLessThan(30)
  expect(slowDue(afterFast(due, ticked(9999, 'moved')), t0 + 601_000, 5)).toBe('everything')
})

test('a look that found something makes the next one prompt again', () => {
  const tired = { ...calm, fruitless: 5 }
  const found = afterSlow(afterFast(tired, ticked(11)), slow(), { what: 'everything', changed: true })
  expect(slowDue(afterFast(found, ticked(12)), t0 + 1000, 5)).toBe('everything')
})

test('a look that failed is repeated, after a pause', () => {
  const failed = afterSlowFailed(afterFast(calm, ticked(11)), slow())
  expect(slowDue(afterFast(failed, ticked(11)), t0 + 100, 5)).toBeNull()
  expect(slowDue(afterFast(failed, ticked(11)), t0 + 5000, 5)).toBe('everything')
})

test('the dear parts are asked less often: the digest by the size of the catalog, the sessions by their number', () => {
  const asked = (due: (samples: number) => boolean): number =>
    Array.from({ length: 100 }, (_, i) => due(i)).filter(Boolean).length
  expect(asked((samples) => digestDue({ ...calm, samples }, 1000))).toBe(10)
  expect(asked((samples) => digestDue({ ...calm, samples }, 3000))).toBe(4)
  expect(asked((samples) => sendersDue({ ...calm, samples }, 1))).toBe(100)
  expect(asked((samples) => sendersDue({ ...calm, samples }, 0))).toBe(20)
  expect(asked((samples) => slotsDue({ ...calm, samples }))).toBe(20)
  expect(asked((samples) => sessionsDue({ ...calm, samples }, 10))).toBe(50)
  expect(asked((samples) => sessionsDue({ ...calm, samples }, 200))).toBe(20)
  expect(asked((samples) => activityDue({ ...calm, samples }, true))).toBe(21)
  expect(asked((samples) => activityDue({ ...calm, samples }, false))).toBe(8)
  expect(asked((samples) => databasesDue({ ...calm, samples }))).toBe(8)
})

test('a schema that did not move is read again after minutes, a large one after more', () => {
  const later = afterFast(calm, ticked(10))
  expect(slowDue(later, t0 + 60_000, 1000)).toBe('unticked')
  const unticked = afterSlow(later, slow(t0 + 60_000), { what: 'unticked', changed: false })
  expect(slowDue(unticked, t0 + 61_000, 1000)).toBeNull()
  expect(slowDue(unticked, t0 + 300_000, 5)).toBe('everything')
  expect(slowDue(unticked, t0 + 300_000, 1000)).toBe('unticked')
  expect(slowDue(unticked, t0 + 600_000, 1000)).toBe('everything')
  expect(slowDue(afterFast(unticked, ticked(11)), t0 + 61_000, 1000)).toBe('everything')
})

test('while much is changed, describing it takes a small share of the time', () => {
  const dear = afterSlow(calm, slow(t0, 100), { what: 'everything', changed: true })
  expect(slowDue(afterFast(dear, ticked(11, 'b')), t0 + 1900, 1000)).toBeNull()
  expect(slowDue(afterFast(dear, ticked(11, 'b')), t0 + 2000, 1000)).toBe('everything')
})

test('a description that was slow on a busy machine does not keep the next change waiting for long', () => {
  const slowly = afterSlow(calm, slow(t0, 1500), { what: 'everything', changed: true })
  expect(slowDue(afterFast(slowly, ticked(11, 'b')), t0 + 2900, 1000)).toBeNull()
  expect(slowDue(afterFast(slowly, ticked(11, 'b')), t0 + 3000, 1000)).toBe('everything')
})

test('what moves while a description is taken is looked at after it', () => {
  const begun = afterFast(calm, ticked(11))
  const meanwhile = afterFast(begun, ticked(12))
  const done = afterSlow(meanwhile, slow(t0 + 2000), { what: 'everything', changed: true, since: begun })
  expect(slowDue(done, t0 + 3000, 5)).toBe('everything')
  const still = afterSlow(afterFast(begun, ticked(11)), slow(t0 + 2000), {
    what: 'everything',
    changed: true,
    since: begun,
  })
  expect(slowDue(still, t0 + 3000, 5)).toBeNull()
})
