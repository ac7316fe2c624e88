import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChunkVerdict } from '../../rows/compare-table.ts'
import { begun, compared, ended, lookedAgain, type Entry } from './entry.ts'
import { factOf } from './facts.ts'
import type { Ask, Listed, Schedule } from './schedule.ts'
import {
  beginSchedule,
  coverageOf,
  isOutranked,
  next,
  serve,
  touch,
  withEntry,
  withTables,
  withWrites,
} from './schedule.ts'

const everyMs = 3_600_000
const minute = 60_000

const listed = (name: string, more: Partial<Listed> = {}): Listed => ({
  left: 'primary',
  right: 'standby',
  schema: 'public',
  table: name,
  name: `public.${name}`,
  rowsEstimated: 10,
  refused: null,
  ...more,
})

const withNames = (names: readonly string[], schedule = beginSchedule(everyMs, [])): Schedule =>
  withTables(
    schedule,
    names.map((name) => listed(name)),
    { isAll: true, atMs: 0 },
  )

const keyFor = (name: string): string => JSON.stringify(['primary', 'standby', `public.${name}`])
function entryIn(schedule: Schedule, name: string): Entry {
  const entry = schedule.entries.get(keyFor(name))
  if (!entry) throw new Error(`no table ${name}`)
  return entry
}

const nameOf = (ask: Ask | null): string | null =>
  ask === null ? null : `${ask.what} ${(/public\.(.*)"\]$/.exec(ask.key) ?? [])[1] ?? '?'}`

const chunk = (verdict: ChunkVerdict['verdict'], more: Partial<ChunkVerdict> = {}): ChunkVerdict => ({
  verdict,
  range: { after: null, upTo: null },
  rows: 10,
  differing: [],
  more: false,
  unsettled: 0,
  healed: [],
  conflicts: 0,
  detail: null,
  remedy: null,
  ...more,
})

const differs = (...ids: readonly string[]): ChunkVerdict =>
  chunk('divergent', { differing: ids.map((id) => ({ key: [id], kind: 'changed', columns: ['v'] })) })

/** A whole round of a table in one turn. */
const round = (schedule: Schedule, name: string, atMs: number, found = chunk('consistent')): Schedule =>
  withEntry(serve(schedule, keyFor(name)), keyFor(name), (entry) =>
    ended(compared(begun(entry, 'stamp', atMs), found, true, atMs), atMs),
  )

const all = (schedule: Schedule, names: readonly string[], atMs: number): Schedule =>
  names.reduce((now, name) => round(now, name, atMs), schedule)

test('what was compared rests for half of the time in which it has to be compared again', () => {
  const schedule = all(withNames(['a', 'b']), ['a', 'b'], 0)
  expect(next(schedule, everyMs / 2 - 1)).toBeNull()
  expect(nameOf(next(schedule, everyMs / 2))).toBe('round a')
})

test('of suspicions the newest comes first: touched, failed, hot, and then who waits longest', () => {
  const names = ['cold', 'hot', 'failed', 'touched']
  let schedule = withWrites(withNames(names), () => 5)
  for (const name of names) schedule = round(schedule, name, 0, chunk(name === 'failed' ? 'lagging' : 'consistent'))
  schedule = withWrites(schedule, ({ table }) => (table === 'hot' ? 6 : 5))
  schedule = touch(schedule, [{ schema: 'public', table: 'touched' }])
  const atMs = everyMs / 2
  expect(schedule.turn % 2).toBe(0)
  const order: (string | null)[] = []
  // Turns of whoever waits longest are left out.
  for (let n = 0; n < 4; n += 1) {
    const ask = next({ ...schedule, turn: 0 }, atMs)
    order.push(nameOf(ask))
    schedule = round(schedule, nameOf(ask)?.slice('round '.length) ?? '', atMs)
  }
  expect(order).toEqual(['round touched', 'round failed', 'round hot', 'round cold'])
  expect(next(schedule, atMs)).toBeNull()
})

test('a hot table comes eight times as often as it must, a late one after a minute, then after twice as long', () => {
  let schedule = all(
    withWrites(withNames(['hot', 'late']), () => 1),
    ['hot'],
    0,
  )
  schedule = round(schedule, 'late', 0, chunk('lagging'))
  schedule = withWrites(schedule, () => 2)
  expect(next(schedule, minute - 1)).toBeNull()
  expect(nameOf(next(schedule, minute))).toBe('round late')
  schedule = round(schedule, 'late', minute, chunk('lagging'))
  expect(next(schedule, 3 * minute - 1)).toBeNull()
  expect(nameOf(next(schedule, 3 * minute))).toBe('round late')
  schedule = round(schedule, 'late', 3 * minute)
  expect(nameOf(next(schedule, everyMs / 8))).toBe('round hot')
})

test('rows that differ are looked at again before anything else, and told only then', () => {
  let schedule = round(withNames(['a', 'b']), 'a', 0, differs('7'))
  const fact = (): unknown => factOf(entryIn(schedule, 'a'))
  expect(fact()).toMatchObject({ verdict: 'different', times: 1, sourceRows: 10, nodeRows: 10, detail: 'rows 7' })
  schedule = round(schedule, 'b', 500)
  expect(nameOf(next(schedule, 1_000))).toBe('again a')
  schedule = withEntry(schedule, keyFor('a'), (entry) => lookedAgain(entry, differs('7'), 1_000))
  expect(fact()).toMatchObject({ verdict: 'different', times: 2, sinceMs: 0, atMs: 1_000 })
  expect(next(schedule, 30_999)).toBeNull()
  // What is late ends nothing, and proves nothing.
  schedule = withEntry(schedule, keyFor('a'), (entry) => lookedAgain(entry, chunk('lagging'), 31_000))
  expect(fact()).toMatchObject({ verdict: 'different', times: 2, atMs: 1_000 })
  schedule = withEntry(schedule, keyFor('a'), (entry) => lookedAgain(entry, chunk('consistent'), 70_000))
  expect(fact()).toBeNull()
  expect(nameOf(next(schedule, 70_000))).toBe('round a')
})

test('late, unsettled and damaged rows are no difference; what cannot be compared is told after two rounds', () => {
  const fact = (schedule: Schedule): unknown => factOf(entryIn(schedule, 'a'))
  for (const verdict of ['lagging', 'unsettled'] as const) {
    const schedule = round(round(withNames(['a']), 'a', 0, chunk(verdict)), 'a', minute, chunk(verdict))
    expect(fact(schedule)).toBeNull()
    expect(coverageOf(schedule)).toEqual({ tables: 1, verified: 0, oldestMs: null })
  }
  const refusal = chunk('unverifiable', { detail: 'permission denied', remedy: 'grant it' })
  let schedule = round(withNames(['a']), 'a', 0, refusal)
  expect(fact(schedule)).toBeNull()
  schedule = round(schedule, 'a', minute, refusal)
  expect(fact(schedule)).toMatchObject({ verdict: 'unverifiable', detail: 'permission denied', remedy: 'grant it' })
  expect(fact(round(schedule, 'a', 2 * minute))).toBeNull()
})

test('a table that the role may not read is told at once, in words of the grant, and never asked', () => {
  const refused = { detail: 'no privilege', remedy: 'grant it', isForbidden: true }
  const schedule = withTables(beginSchedule(everyMs, []), [listed('a', { refused })], { isAll: true, atMs: 5 })
  expect(next(schedule, everyMs)).toBeNull()
  expect(factOf(entryIn(schedule, 'a'))).toMatchObject({
    verdict: 'unverifiable',
    why: 'no-privilege',
    remedy: 'grant it',
  })
  const granted = withTables(schedule, [listed('a')], { isAll: true, atMs: 6 })
  expect(factOf(entryIn(granted, 'a'))).toBeNull()
  expect(nameOf(next(granted, 6))).toBe('round a')
})

test('a large table goes on behind its last key, another look of it begins anew, and what is not listed is kept while a node is out of sight', () => {
  const key = keyFor('a')
  let schedule = withEntry(withNames(['a']), key, (entry) =>
    compared(begun(entry, 'one', 10), chunk('consistent', { range: { after: null, upTo: ['500'] } }), true, 20),
  )
  schedule = beginSchedule(everyMs, [...schedule.entries.values()])
  schedule = withNames(['a'], schedule)
  const at = (stamp: string | null): unknown => {
    const { after, begunMs, rows } = begun(entryIn(schedule, 'a'), stamp, 99)
    return [after, begunMs, rows]
  }
  expect(at('one')).toEqual([['500'], 10, 10])
  expect(at(null)).toEqual([['500'], 10, 10])
  expect(at('two')).toEqual([null, 99, 0])
  const gone = withTables(schedule, [], { isAll: false, atMs: 0 })
  expect(gone.entries.size).toBe(1)
  expect(next(gone, everyMs)).toBeNull()
  expect(withTables(schedule, [], { isAll: true, atMs: 0 }).entries.size).toBe(0)
})

test('a turn ends for what was just touched and for rows that were just found to differ, and for nothing less', () => {
  let schedule = withNames(['a', 'b'])
  schedule = withEntry(schedule, keyFor('a'), (entry) => begun(entry, 's', 0))
  expect(isOutranked(schedule, keyFor('a'), 1)).toBe(false)
  schedule = touch(schedule, [{ schema: 'public', table: 'b' }])
  expect(isOutranked(schedule, keyFor('a'), 1)).toBe(true)
  schedule = touch(schedule, [{ schema: 'public', table: 'a' }])
  expect(isOutranked(schedule, keyFor('a'), 1)).toBe(false)
  schedule = withEntry(schedule, keyFor('a'), (entry) => compared(entry, differs('7'), true, 1))
  expect(isOutranked(schedule, keyFor('a'), 1_001)).toBe(true)
  expect(nameOf(next({ ...schedule, turn: 1 }, 1_001))).toBe('again a')
})

const tableSizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 })
const events = fc.array(
  fc.record({
    at: fc.nat(200),
    table: fc.nat(11),
    what: fc.constantFrom('touched' as const, 'written' as const, 'late' as const, 'differs' as const),
  }),
  { maxLength: 60 },
)

/** Runs turns of one minute each; tells when each table was last gone through. */
function simulate(sizes: readonly number[], happenings: readonly { at: number; table: number; what: string }[]) {
  const names = sizes.map((_, n) => `t${n}`)
  let schedule = withNames(names)
  let atMs = 0
  const done = new Map<string, number>()
  const left = new Map<string, number>()
  const waits: number[] = []
  const writes = new Map<string, number>()
  for (let turn = 0; turn < 200; turn += 1) {
    atMs += minute
    let verdict: ChunkVerdict | null = null
    for (const { table, what } of happenings.filter(({ at }) => at === turn)) {
      const name = `t${table % sizes.length}`
      if (what === 'touched') schedule = touch(schedule, [{ schema: 'public', table: name }])
      if (what === 'written') writes.set(name, (writes.get(name) ?? 0) + 1)
      if (what === 'late') verdict = chunk('lagging')
      if (what === 'differs') verdict = differs('1')
    }
    schedule = withWrites(schedule, ({ table }) => writes.get(table) ?? 0)
    const ask = next(schedule, atMs)
    if (ask === null) continue
    const now = atMs
    schedule = serve(schedule, ask.key)
    const name = nameOf(ask)?.split(' ')[1] ?? ''
    if (ask.what === 'again') {
      schedule = withEntry(schedule, ask.key, (entry) => lookedAgain(entry, verdict ?? chunk('consistent'), now))
      continue
    }
    const rest = left.get(name) ?? sizes[Number(name.slice(1))] ?? 1
    const upTo = rest > 1 ? [String(rest)] : null
    schedule = withEntry(schedule, ask.key, (entry) => {
      const looked = compared(
        begun(entry, 's', now),
        { ...(verdict ?? chunk('consistent')), range: { after: null, upTo } },
        true,
        now,
      )
      return upTo === null ? ended(looked, now) : looked
    })
    left.set(name, upTo === null ? (sizes[Number(name.slice(1))] ?? 1) : rest - 1)
    if (upTo === null) {
      waits.push(turn - (done.get(name) ?? 0))
      done.set(name, turn)
    }
  }
  return { schedule, done, waits, atMs }
}

test('whatever is touched, written, late or differs, every table is gone through again and again', () => {
  fc.assert(
    fc.property(tableSizes, events, (sizes, happenings) => {
      const { done, waits } = simulate(sizes, happenings)
      // Every other turn goes to who waits longest: a round of the largest takes at most so many turns of all.
      const bound = 2 * sizes.length * Math.max(...sizes) + everyMs / minute
      expect(done.size).toBe(sizes.length)
      expect(Math.max(...waits)).toBeLessThanOrEqual(bound)
    }),
    { numRuns: 200 },
  )
})

test('where nothing hinders it, no table is older than it may be', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 }), (sizes) => {
      const { schedule, atMs } = simulate(sizes, [])
      const { verified, oldestMs } = coverageOf(schedule)
      expect(verified).toBe(sizes.length)
      expect(atMs - (oldestMs ?? 0)).toBeLessThanOrEqual(everyMs)
    }),
  )
})
