import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { takeFence, waitFence } from './fence.ts'
import type { Pair, Wait } from './fence.ts'
import { LabReaders, never } from './testing/pairs.ts'

let lab: Lab
let readers: LabReaders
beforeEach(async () => {
  lab = await testLab()
  readers = await LabReaders.open(lab)
})
afterEach(async () => readers[Symbol.asyncDispose]())

const pairs = (): [string, Pair][] => [
  ['physical', readers.physical],
  ['logical', readers.logical],
]
const behind = async (pair: Pair, deadlineMs = 10_000, passive = false): Promise<Wait> =>
  waitFence(pair, await takeFence(pair.source, never()), { deadlineMs, passive, signal: never() })
const users = async (node: string): Promise<unknown> =>
  (await lab.rows(node, `select count(*)::int as n from users`))[0]?.['n']

test('every row that was committed before the fence is seen behind it, on both kinds of pair', async () => {
  const took: Record<string, number[]> = { physical: [], logical: [] }
  for (let n = 0; n < 40; n += 1) {
    // Now and then without waiting for the disk: visible on the primary before any other node can have it.
    const commit = n % 4 === 0 ? 'off' : 'on'
    await lab.rows(
      'primary',
      `set synchronous_commit = ${commit}; insert into users values (${5000 + n}, 'f${n}', 'x')`,
    )
    for (const [kind, pair] of pairs()) {
      const wait = await behind(pair)
      expect(wait).toMatchObject({ reached: true })
      expect(await users(pair.target.name)).toBe(1001 + n)
      took[kind]?.push(wait.ms)
    }
  }
  for (const [kind, ms] of Object.entries(took)) console.info(`fence ${kind}: worst ${Math.max(...ms).toFixed(0)} ms`)
  // Only what was not waited for to be on disk may have to be pushed.
  expect(readers.sent.filter(({ text }) => text.includes('pg_logical_emit_message')).length).toBeLessThanOrEqual(10)
}, 60_000)

test('a WAL switch on an idle cluster holds no fence up', async () => {
  for (let n = 0; n < 3; n += 1) {
    await lab.caughtUp()
    await lab.rows('primary', 'select pg_switch_wal()')
    for (const [kind, pair] of pairs()) {
      const { reached, ms } = await behind(pair)
      expect({ kind, reached, inTime: ms < 500 }).toEqual({ kind, reached: true, inTime: true })
    }
  }
})

test('records of a transaction that stays open hold no fence up: the WAL is pushed', async () => {
  await lab.caughtUp()
  const open = lab.rows('primary', `begin; insert into users values (6000, 'open', 'x'); select pg_sleep(3); commit`)
  await new Promise((done) => setTimeout(done, 200))
  for (const [kind, pair] of pairs()) {
    const { reached, ms } = await behind(pair)
    expect({ kind, reached, inTime: ms < 1500 }).toEqual({ kind, reached: true, inTime: true })
  }
  await open
})

test('a disabled subscription and a paused replay are lagging at once, with the reason', async () => {
  await lab.rows('reports', 'alter subscription reports_sub disable')
  await lab.rows('standby', 'select pg_wal_replay_pause()')
  await lab.rows('primary', `insert into users values (7000, 'late', 'x')`)
  expect(await behind(readers.logical)).toMatchObject({ reached: false, why: 'subscription reports_sub is disabled' })
  expect(await behind(readers.physical)).toMatchObject({ reached: false, why: 'replay is paused' })
})

test('a target that does not come near is given up at the deadline', async () => {
  await lab.rows('reports', 'lock table users in access exclusive mode; select pg_sleep(0)')
  const blocked = lab.rows('reports', 'begin; lock table users in access exclusive mode; select pg_sleep(2); commit')
  await new Promise((done) => setTimeout(done, 200))
  await lab.rows('primary', `insert into users values (8000, 'late', 'x')`)
  const wait = await behind(readers.logical, 800)
  expect(wait).toMatchObject({ reached: false })
  expect(wait.ms).toBeLessThan(1500)
  await blocked
  expect(await behind(readers.logical)).toMatchObject({ reached: true })
})

test('a passive fence writes nothing, and says when the source itself has not written that far', async () => {
  await lab.rows('primary', `insert into users values (9000, 'p', 'x')`)
  for (const [, pair] of pairs()) expect(await behind(pair, 20_000, true)).toMatchObject({ reached: true })
  const open = lab.rows('primary', `begin; insert into users values (9001, 'open', 'x'); select pg_sleep(2); commit`)
  await new Promise((done) => setTimeout(done, 200))
  const wait = await behind(readers.physical, 500, true)
  // Now and then a page is full, and the server writes it by itself.
  expect(wait.reached ? 'primary has not written that far itself' : wait.why).toMatch(
    /primary has not written that far itself$/,
  )
  await open
  expect(readers.sent.filter(({ text }) => text.includes('emit'))).toEqual([])
}, 60_000)
