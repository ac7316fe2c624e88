import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CanaryFact } from '../core/facts/cluster.ts'
import type { Lab } from '../lab/lab.ts'
import { Session } from '../lab/sql.ts'
import { testLab } from '../lab/testing.ts'
import { compareCanary } from './canary.ts'
import { LabReaders, never } from './testing/pairs.ts'

let lab: Lab
let readers: LabReaders
let asked: string[]
beforeEach(async () => {
  lab = await testLab()
  readers = await LabReaders.open(lab)
  asked = []
})
afterEach(async () => readers[Symbol.asyncDispose]())

async function canary(sql: string): Promise<CanaryFact> {
  const sessions = new Map(
    await Promise.all(
      ['primary', 'standby', 'reports'].map(async (node) => [node, await Session.open(lab.url(node, 'app'))] as const),
    ),
  )
  const fact = await compareCanary({
    contract: 'login',
    tables: ['users'],
    source: 'primary',
    targets: [
      { node: 'standby', pair: readers.physical },
      { node: 'reports', pair: readers.logical },
    ],
    ask: async (node) => {
      asked.push(node)
      const rows = (await sessions.get(node)?.rows(sql)) ?? []
      return { rows: rows.length, digest: createHash('sha256').update(JSON.stringify(rows)).digest('hex') }
    },
    fence: { deadlineMs: 2000, passive: false },
    now: () => 1,
    signal: never(),
  })
  await Promise.all([...sessions.values()].map(async (session) => session[Symbol.asyncDispose]()))
  return fact
}

const digests = (fact: CanaryFact): number => new Set(fact.answers.map(({ digest }) => digest)).size
const fences = (fact: CanaryFact): string[] => fact.answers.map(({ fence }) => fence)

test('equal answers need no fence, and one question a node', async () => {
  const fact = await canary('select id, name from users order by id')
  expect(fact.answers.map(({ node, rows, fence }) => [node, rows, fence])).toEqual([
    ['primary', 1000, 'not-needed'],
    ['standby', 1000, 'not-needed'],
    ['reports', 1000, 'not-needed'],
  ])
  expect(digests(fact)).toBe(1)
  expect(asked).toHaveLength(3)
  expect(readers.sent).toEqual([])
})

test('a row that one node lacks is a difference behind the fence, a node that does not follow is not reached', async () => {
  await lab.rows('reports', 'set session_replication_role = replica; delete from users where id = 5')
  const fact = await canary('select id from users where id = 5')
  expect(fences(fact)).toEqual(['not-needed', 'not-needed', 'reached'])
  expect(fact.answers.map(({ rows }) => rows)).toEqual([1, 1, 0])
  await lab.rows('standby', 'select pg_wal_replay_pause()')
  await lab.rows('primary', `update users set password_hash = 'new' where id = 6`)
  const late = await canary('select id, password_hash from users where id = 6')
  expect(late.answers[1]).toMatchObject({ node: 'standby', fence: 'not-reached' })
})

test('an answer that changes all the time is never a difference', async () => {
  const ended = new AbortController()
  const writing = (async () => {
    await using session = await Session.open(lab.url('primary', 'admin'))
    while (!ended.signal.aborted) await session.rows(`update users set last_login = clock_timestamp() where id = 1`)
  })()
  let fenced = 0
  for (let n = 0; n < 15; n += 1) {
    const fact = await canary('select id, last_login from users where id = 1')
    const judged = fact.answers.filter(({ fence }) => fence !== 'not-reached')
    expect(new Set(judged.map(({ digest }) => digest)).size).toBe(1)
    fenced += fences(fact).includes('reached') ? 1 : 0
  }
  ended.abort()
  await writing
  expect(fenced).toBeGreaterThan(0)
})
