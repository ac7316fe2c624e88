import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { authBlueprint } from './auth.ts'
import type { Blueprint } from './blueprint.ts'
import { clearLabs } from './clear-labs.ts'
import { temporaryDirectory } from './lab-directory.ts'
import { freePorts } from './ports.ts'
import { startLab } from './start-lab.ts'
import { firstLine, processesWith, startProgram } from './testing-program.ts'
import { waitUntil } from './wait.ts'

const made: string[] = []

function temporary(): string {
  const dir = mkdtempSync(join(temporaryDirectory(), 'antemortem-test-'))
  chmodSync(dir, 0o711)
  made.push(dir)
  return dir
}

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})

const alone: Blueprint = {
  name: 'alone',
  database: 'shop',
  nodes: [{ name: 'only', role: 'primary', schema: ['create table t (id int primary key)'] }],
  roles: [],
  logins: { admin: 'postgres', watch: 'postgres', app: 'postgres', replication: 'postgres' },
  data: ['insert into t values (1)'],
  publications: [],
}

test('a primary alone is a topology, too', async () => {
  await using lab = await startLab(alone)
  expect(await lab.rows('only', 'select id from t', [], 'app')).toEqual([{ id: 1 }])
  await lab.rows('only', 'drop table t')
  await lab.reset()
  expect(await lab.rows('only', 'select id from t')).toEqual([{ id: 1 }])
})

test('two subscribers with several publications and schemas of their own', async () => {
  const schema = (columns: string): string[] => [`create table a (${columns})`, 'create table b (id int primary key)']
  const several: Blueprint = {
    ...alone,
    nodes: [
      { name: 'p', role: 'primary', schema: schema('id int primary key, x text') },
      {
        name: 's1',
        role: 'subscriber',
        schema: schema('id int primary key, x text, extra int'),
        subscriptions: [{ name: 'one', publications: ['pub_a', 'pub_b'], slot: 'one', failover: false }],
      },
      {
        name: 's2',
        role: 'subscriber',
        schema: schema('id int primary key, x text'),
        subscriptions: [
          { name: 'two', publications: ['pub_a'], slot: 'two', failover: false, options: { streaming: 'off' } },
          { name: 'three', publications: ['pub_b'], slot: 'three', failover: true },
        ],
      },
    ],
    data: [`insert into a values (1, 'x')`],
    publications: ['create publication pub_a for table a', 'create publication pub_b for table b'],
  }
  await using lab = await startLab(several)
  await lab.rows('p', 'insert into b values (7)')
  await lab.caughtUp()
  for (const node of ['s1', 's2'])
    expect(await lab.rows(node, 'select a.id, a.x, b.id as b from a, b')).toEqual([{ id: 1, x: 'x', b: 7 }])
})

test('servers of another version, as far as the system has them', async ({ skip }) => {
  if (!existsSync('/usr/lib/postgresql/15/bin/postgres')) skip('PostgreSQL 15 is not installed')
  await using lab = await startLab(authBlueprint(), { major: 15 })
  expect(
    await lab.rows(
      'standby',
      `select current_setting('server_version_num')::int / 10000 as v, pg_is_in_recovery() as r`,
    ),
  ).toEqual([{ v: 15, r: true }])
  await lab.rows('primary', 'delete from sessions')
  await lab.reset()
  expect(await lab.rows('reports', 'select count(*)::int as n from sessions')).toEqual([{ n: 500 }])
})

test("SQL that fails says on which node, which statement and the server's words, and leaves nothing", async () => {
  const cannot = { ...alone, data: ['insert into nowhere values (1)'] }
  await expect(startLab(cannot)).rejects.toMatchObject({
    code: 'lab-sql-failed',
    message: expect.stringMatching(/only.*relation "nowhere" does not exist.*insert into nowhere/),
  })
})

test('a directory that is not empty is left as it is', async () => {
  const dir = temporary()
  writeFileSync(join(dir, 'mine'), '')
  await expect(startLab(alone, { dir })).rejects.toMatchObject({ code: 'lab-directory-not-empty' })
  expect(readdirSync(dir)).toEqual(['mine'])
})

test('a port that is taken is named, and nothing is left', async () => {
  const dir = join(temporary(), 'lab')
  const [port = 0] = await freePorts(1)
  const other = createServer().listen(port, '127.0.0.1')
  const fixed = { ...alone, nodes: alone.nodes.map((node) => ({ ...node, port })) }
  await expect(startLab(fixed, { dir })).rejects.toMatchObject({ code: 'lab-port-taken' })
  other.close()
  expect(existsSync(dir)).toBe(false)
})

test('an interrupted start leaves nothing', async () => {
  const dir = join(temporary(), 'lab')
  const stop = new AbortController()
  // As soon as its servers start.
  const watching = setInterval(() => existsSync(join(dir, 'primary.log')) && stop.abort(), 5)
  await expect(startLab(authBlueprint(), { dir, signal: stop.signal })).rejects.toThrow(/abort/i)
  clearInterval(watching)
  expect(existsSync(dir)).toBe(false)
  expect(processesWith(dir)).toEqual([])
})

test('two processes build the same template at once', async () => {
  const cache = temporary()
  const program = `
    const { startLab } = await lab('start-lab.ts')
    const { authBlueprint } = await lab('auth.ts')
    await using held = await startLab(authBlueprint())
    console.log((await held.rows('reports', 'select count(*)::int as n from users'))[0].n)
  `
  const both = [1, 2].map(() => startProgram(program, { env: { ANTEMORTEM_CACHE: cache } }))
  expect(await Promise.all(both.map(firstLine))).toEqual(['1000', '1000'])
  await waitUntil('both to end', async () => both.every((one) => one.exitCode !== null))
  expect(both.map((one) => one.exitCode)).toEqual([0, 0])
  const left = readdirSync(cache)
  expect(left.filter((name) => name.startsWith('template-'))).toHaveLength(1)
  expect(left.filter((name) => name.startsWith('half-'))).toEqual([])
})

test('what a lab without command and keeper has left is taken away by a later one', async () => {
  const parent = temporary()
  const dir = join(parent, 'antemortem-lab-old')
  const lab = await startLab(alone, { dir, detach: true })
  mkdirSync(join(parent, 'antemortem-lab-other'))
  await clearLabs(parent, Date.now() + 3_600_000)
  expect(lab.isRunning('only')).toBe(true)
  const { writeLabState, readLabState } = await import('./lab-state.ts')
  writeLabState({ ...readLabState(dir), detached: false, pid: 4_194_304 })
  await clearLabs(parent)
  expect(lab.isRunning('only')).toBe(true)
  utimesSync(dir, 0, 0)
  await clearLabs(parent)
  expect(existsSync(dir)).toBe(false)
  expect(processesWith(dir)).toEqual([])
})
