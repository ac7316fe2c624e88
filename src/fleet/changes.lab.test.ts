import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Change } from '../core/change.ts'
import { testLab } from '../lab/testing.ts'
import type { Lab } from '../lab/lab.ts'
import type { Fleet } from './fleet.ts'
import { openFleet } from './fleet.ts'

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const signal = new AbortController().signal
let fleet: Fleet | null = null
afterEach(async () => fleet?.close())

async function watching(lab: Lab): Promise<Fleet> {
  const nodes = lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null }))
  fleet = await openFleet({ nodes }, { clock: Date.now, signal })
  for (let i = 0; i < 6; i += 1) await fleet.tick()
  return fleet
}

/** Ticks until something has changed. */
async function changed(open: Fleet): Promise<{ readonly changes: readonly Change[]; readonly tookMs: number }> {
  const startedAt = performance.now()
  for (;;) {
    const { changes } = await open.tick()
    const tookMs = performance.now() - startedAt
    if (changes.length > 0) return { changes, tookMs }
    if (tookMs > 8000) throw new Error('nothing has changed in eight seconds')
    await pause(100)
  }
}

/** A statement, and what of it is told. */
const statements: readonly (readonly [sql: string, kind: string, object: string, after: unknown])[] = [
  ['create role reporter login connection limit 2', 'role', 'role reporter', expect.stringContaining('limit 2')],
  ['alter role app connection limit 0', 'role', 'role app', 'connection limit 0'],
  [`alter role app set search_path = 'nowhere'`, 'role', 'role app search_path', 'nowhere'],
  [`alter role app set app.token = 'hunter2'`, 'role', 'role app app.token', expect.stringMatching(/^\*\*\*/)],
  ['alter database auth set work_mem = 64', 'role', 'database auth work_mem', '64'],
  ['alter database auth connection limit 20', 'access', 'database auth', 'connection limit 20'],
  ['create database other', 'schema', 'database other', expect.stringContaining('allows connections')],
  [
    `create function norm(t text) returns text immutable language sql as 'select lower(t)'`,
    'schema',
    'public.norm()',
    expect.stringContaining('immutable'),
  ],
  [
    `create or replace function norm(t text) returns text immutable language sql as 'select upper(t)'`,
    'schema',
    'public.norm()',
    expect.stringContaining('definition'),
  ],
  [
    'create trigger same before update on users for each row execute function suppress_redundant_updates_trigger()',
    'schema',
    'public.users',
    'trigger same enabled',
  ],
  ['alter table users disable trigger same', 'schema', 'public.users', 'trigger same disabled'],
  ['drop trigger same on users', 'schema', 'public.users', 'no trigger same'],
  ['create extension citext', 'software', 'extension citext', expect.stringContaining('version 1')],
  ['drop role reporter', 'role', 'role reporter', null],
]

test('a change of each kind is told by the primary alone, once, within the second', async () => {
  const lab = await testLab()
  const open = await watching(lab)
  // As after a calm time: the pause that follows a description is at most so long.
  await pause(3000)
  const [first] = statements[0] ?? []
  for (const [sql, kind, object, after] of statements) {
    await lab.rows('primary', sql)
    const { changes, tookMs } = await changed(open)
    expect(changes.map((change) => [change.kind, change.object, change.after])).toEqual([
      [kind, `primary:${object}`, after],
    ])
    // After the first, each may have to wait until describing the last takes no more than its share of the server's time.
    expect(tookMs).toBeLessThan(sql === first ? 2500 : 6000)
  }
  expect((await open.tick()).changes).toEqual([])
})

test('lines of access rules are told of the node whose file has them, whichever it is', async () => {
  const lab = await testLab()
  const open = await watching(lab)
  appendFileSync(join(lab.node('standby').dataDir, 'pg_hba.conf'), 'host auth app 10.0.0.0/8 reject\n')
  lab.reload('standby')
  const { changes } = await changed(open)
  expect(changes).toMatchObject([
    { kind: 'access', object: 'standby:pg_hba.conf', before: 'no such line', after: 'host auth app 10.0.0.0/8 reject' },
  ])
})

test('what an application does all day is no change: rows, sequences, statistics, temporary tables, vacuum', async () => {
  const lab = await testLab()
  const open = await watching(lab)
  for (const sql of [
    `insert into orders (user_id, amount) select 1, n from generate_series(1, 500) n`,
    'update users set last_login = now()',
    `select nextval('orders_id_seq') from generate_series(1, 100)`,
    'create temp table scratch (id serial primary key, t text); insert into scratch (t) values (1); drop table scratch',
    'analyze',
    'vacuum',
  ]) {
    await lab.rows('primary', sql)
    for (let i = 0; i < 3; i += 1) {
      expect((await open.tick()).changes).toEqual([])
      await pause(100)
    }
  }
})
