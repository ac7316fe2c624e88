import { expect, test } from 'vitest'
import { database, node, t0, table } from '../../test/builders.ts'
import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import { unseen } from '../core/observation.ts'
import type { NodeRole, Sample } from '../core/snapshot.ts'
import { learnFast, learnSlow, nextFast, nextSlow, nothingKnown } from './known.ts'
import type { Known } from './known.ts'

const fast = (atMs: number, facts: Partial<PostgresFacts> = {}, role: NodeRole = 'primary'): Sample => {
  const { server, wal, tick, sessions, activity, databases, replicationSlots, senders } = node(
    role,
    role,
    facts,
    atMs,
  ).facts
  return {
    node: role,
    atMs,
    tookMs: 1,
    facts: { server, wal, tick, sessions, activity, databases, replicationSlots, senders },
  }
}
const slow = (atMs: number, facts: Partial<PostgresFacts> = {}): Sample => {
  const { tables, publications, subscriptions, settings } = node('primary', 'primary', facts, atMs).facts
  return { node: 'primary', atMs, tookMs: 10, facts: { tables, publications, subscriptions, settings } }
}
const first = (): Known => learnSlow(learnFast(nothingKnown('primary'), fast(t0)).known, slow(t0), 'everything').known
const moved = { tick: { catalogWrites: 2, catalogDigest: null } }

test('the first look at a node is no change', () => {
  const seen = learnFast(nothingKnown('primary'), fast(t0))
  expect(seen.changes).toEqual([])
  expect(nextSlow(seen.known, t0)).toBe('everything')
  expect(learnSlow(seen.known, slow(t0), 'everything').changes).toEqual([])
})

test('a change happened after the last sample that had not moved, less the lateness of the counters', () => {
  const still = learnFast(first(), fast(t0 + 30_000)).known
  const ticked = learnFast(still, fast(t0 + 31_000, moved)).known
  expect(nextSlow(ticked, t0 + 31_000)).toBe('everything')
  const { changes } = learnSlow(ticked, slow(t0 + 31_050, { tables: [] }), 'everything')
  expect(changes).toMatchObject([{ object: 'primary:public.users', notBeforeMs: t0 + 20_000, atMs: t0 + 31_050 }])
})

test('what has moved and could not be looked at keeps its beginning, however long that takes', () => {
  const still = learnFast(first(), fast(t0 + 30_000)).known
  const ticked = learnFast(still, fast(t0 + 31_000, moved)).known
  const locked = unseen('timed-out', 'locked', 'wait')
  const failed = learnSlow(ticked, { ...slow(t0 + 31_000), facts: { tables: locked } }, 'everything').known
  expect(failed.facts.tables).toMatchObject({ seen: true, atMs: t0 + 20_000 })
  expect(nextSlow(failed, t0 + 31_500)).toBeNull()
  const later = learnFast(failed, fast(t0 + 50_000, moved)).known
  expect(nextSlow(later, t0 + 50_000)).toBe('everything')
  const { changes } = learnSlow(later, slow(t0 + 50_000, { tables: [] }), 'everything')
  expect(changes).toMatchObject([{ notBeforeMs: t0 + 20_000, atMs: t0 + 50_000 }])
})

test('a tick that was not seen confirms nothing', () => {
  const blind = {
    ...fast(t0 + 30_000),
    facts: { ...fast(t0 + 30_000).facts, tick: unseen('timed-out', 'slow', 'wait') },
  }
  expect(learnFast(first(), blind).known.facts.tables).toMatchObject({ atMs: t0 })
  expect(learnFast(first(), fast(t0 + 30_000)).known.facts.tables).toMatchObject({ atMs: t0 + 20_000 })
})

test('on a standby the digest confirms, when it was taken', () => {
  const ticks = (catalogDigest: string | null) => ({ tick: { catalogWrites: null, catalogDigest } })
  const begun = learnFast(nothingKnown('standby'), fast(t0, ticks('a'), 'standby')).known
  const known = learnSlow(begun, slow(t0), 'everything').known
  const at = (digest: string | null) => learnFast(known, fast(t0 + 30_000, ticks(digest), 'standby')).known.facts.tables
  expect(at('a')).toMatchObject({ atMs: t0 + 20_000 })
  expect(at(null)).toMatchObject({ atMs: t0 })
})

test('a setting that was read at the last reload is still so while no other reload came', () => {
  const still = learnFast(first(), fast(t0 + 30_000)).known
  const { server } = node('primary', 'primary').facts
  if (!server.seen) throw new Error('the builder gives a server')
  const reloaded = learnFast(still, fast(t0 + 31_000, { server: { ...server.value, confLoadedMs: t0 + 30_500 } })).known
  const { changes } = learnSlow(reloaded, slow(t0 + 31_000, { settings: { jit: 'off' } }), 'everything')
  expect(changes).toMatchObject([{ object: 'primary:jit', notBeforeMs: t0 + 30_000 }])
})

test('what the next sample reads follows from what is known', () => {
  expect(nextFast(nothingKnown('primary'))).toEqual({ digest: true, leave: [], nothing: [] })
  expect(nextFast(first())).toEqual({
    digest: false,
    leave: ['activity', 'databases', 'replicationSlots', 'sessions'],
    nothing: ['receiver', 'subscriptionStates'],
  })
  const standby = learnFast(nothingKnown('standby'), fast(t0, {}, 'standby')).known
  expect(nextFast(standby).leave).toContain('tick')
  expect(nextFast(standby).nothing).toEqual([])
  const many = Array.from({ length: 1000 }, (_, i) => table(`t${i}`))
  const large = learnSlow(first(), slow(t0, { tables: many }), 'everything').known
  expect(nextSlow(large, t0 + 60_000)).toBe('unticked')
})

test('a node that is back is asked at once for what it was not there to tell', () => {
  const gone = unseen('unreachable', 'gone', 'start it')
  const absent = learnFast(first(), { ...fast(t0 + 1000), facts: { server: gone, activity: gone, databases: gone } })
  const { leave } = nextFast(absent.known)
  expect(leave).not.toContain('activity')
  expect(leave).not.toContain('databases')
})

test('a changed limit of a database is told once, by whichever sample sees it first', () => {
  const limited = { databases: [database('auth', { connectionLimit: 0 })] }
  const { changes, known } = learnFast(first(), fast(t0 + 5000, limited))
  expect(changes).toMatchObject([{ kind: 'access', object: 'primary:database auth', after: 'connection limit 0' }])
  expect(learnFast(known, fast(t0 + 10_000, limited)).changes).toEqual([])
})
