import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Layer } from '../core/facts/cluster.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'
import { probe, type ProbeOptions } from './probe.ts'
import { readSettings } from './settings.ts'
import type { UsableTarget } from './targets.ts'

let lab: Lab

beforeEach(async () => {
  lab = await testLab()
})

const timeouts = 'DB_CONNECT_TIMEOUT_MS=2000\nDB_QUERY_TIMEOUT_MS=1000\n'

const target = (node: string, rest: Partial<UsableTarget> & { url?: string } = {}): UsableTarget => {
  const { url = lab.url(node, 'app'), ...fields } = rest
  const settings = readSettings(`DATABASE_URL=${url}\n${timeouts}`, '/srv/app/.env')
  return {
    contract: 'login',
    instance: 'app',
    node,
    route: 'application',
    mustWrite: node === 'primary',
    settings,
    ...fields,
  }
}

const canary = 'select id, md5(password_hash) from users where id in (1, 500, 900)'

const options = (rest: Partial<ProbeOptions> = {}): ProbeOptions => ({
  signal: new AbortController().signal,
  canary,
  withinMs: 5_000,
  key: Buffer.from('a key of this process'),
  from: 'here',
  ...rest,
})

const run = async (node = 'primary', rest: Partial<ProbeOptions> = {}, of: Parameters<typeof target>[1] = {}) =>
  probe(target(node, of), options(rest))

describe('a healthy topology', () => {
  test('every node answers the same to the same canary, and nothing is left behind', async () => {
    const results = await Promise.all(['primary', 'standby', 'reports'].map(async (node) => run(node)))
    for (const { fact, answer, remedy } of results) {
      expect(fact).toMatchObject({ ok: true, layer: null, message: null, failures: 0, role: 'app' })
      expect(answer?.rows).toBe(3)
      expect(remedy).toBeNull()
    }
    expect(new Set(results.map(({ answer }) => answer?.digest)).size).toBe(1)
    expect(results.map(({ server }) => server?.inRecovery)).toEqual([false, true, false])
    const mine = `select count(*)::int as n from pg_stat_activity where application_name = 'antemortem-probe'`
    await waitUntil('no session of a probe', async () => (await lab.rows('primary', mine))[0]?.['n'] === 0)
  })

  test('another row on one node is another digest there', async () => {
    await lab.rows('reports', "update users set password_hash = 'x' where id = 500")
    const [primary, reports] = [await run('primary'), await run('reports')]
    expect(reports.fact.ok).toBe(true)
    expect(reports.answer?.digest).not.toBe(primary.answer?.digest)
  })

  test('a NULL, an empty text and a missing row are three answers; how a node prints values is none', async () => {
    const answers = await Promise.all(
      ['select null::text', "select ''", "select '' where false"].map(
        async (sql) => (await run('primary', { canary: sql })).answer?.digest,
      ),
    )
    expect(new Set(answers).size).toBe(3)
    const sql = "select timestamptz '2026-01-01 00:00Z', '\\x01'::bytea, interval '1 day', 0.1::float8"
    const before = await run('reports', { canary: sql })
    await lab.rows(
      'reports',
      "alter role app set timezone = 'Asia/Tokyo'; alter role app set datestyle = 'SQL, DMY'; alter role app set bytea_output = 'escape'; alter role app set extra_float_digits = 0",
    )
    expect((await run('reports', { canary: sql })).answer?.digest).toBe(before.answer?.digest)
  })
})

/** What is broken on the primary, and the layer that must be named. */
const faults: readonly (readonly [string, Layer, string | null, string | (() => void | Promise<void>)])[] = [
  ['a changed password', 'auth', '28P01', "alter role app password 'another'"],
  ['an expired password', 'auth', '28P01', "alter role app valid until '2020-01-01'"],
  ['a role that may not log in', 'auth', '28000', 'alter role app nologin'],
  ['a role limit', 'capacity', '53300', 'alter role app connection limit 0'],
  [
    'a database that is closed',
    'database',
    '55000',
    'update pg_database set datallowconn = false where datname = $$auth$$',
  ],
  [
    'a revoked connect',
    'database',
    '42501',
    'revoke connect on database auth from public; revoke connect on database auth from app',
  ],
  ['a revoked select', 'role', '42501', 'alter table users owner to postgres; revoke all on users from app'],
  ['a read-only default of the role', 'role', '25006', 'alter role app set default_transaction_read_only = on'],
  [
    'a timeout of the role',
    'role',
    '57014',
    'alter role app set statement_timeout = 1; create view slow as select pg_sleep(0.2)::text; grant select on slow to app',
  ],
  ['a search path without the table', 'query', '42P01', "alter role app set search_path = 'elsewhere'"],
  ['a renamed table', 'query', '42P01', 'alter table users rename to people'],
  ['an access rule', 'access', '28000', () => denyByAccessRule()],
  ['a server that is stopped', 'tcp', 'ECONNREFUSED', async () => lab.stop('primary', 'fast')],
]

function denyByAccessRule(): void {
  const file = join(lab.node('primary').dataDir, 'pg_hba.conf')
  writeFileSync(file, `host all app all reject\n${readFileSync(file, 'utf8')}`)
  lab.reload('primary')
}

test.each(faults)('%s is layer %s (%s)', async (name, layer, code, fault) => {
  if (typeof fault === 'string') await lab.rows('primary', fault)
  else await fault()
  const sql = name.startsWith('a timeout') ? 'select * from slow' : canary
  const ask = async () => run('primary', { canary: sql, failures: 2 })
  // A reload takes effect with the postmaster's next connection or the one after.
  await waitUntil(`${name} shows`, async () => !(await ask()).fact.ok, { everyMs: 20, timeoutMs: 5_000 })
  const { fact, remedy } = await ask()
  expect(fact).toMatchObject({ ok: false, layer, code, failures: 3 })
  expect(remedy).not.toBeNull()
  expect(`${fact.message} ${remedy}`).not.toContain(lab.password('app'))
})

test('a missing right is told with the grant that gives it', async () => {
  await lab.rows('primary', 'alter table users owner to postgres; revoke all on users from app')
  expect((await run()).remedy).toBe('grant select on users to app;')
  await lab.rows('primary', 'grant select on users to app')
  expect((await run()).fact.ok).toBe(true)
})

test('a database and a password that are wrong in the settings file', async () => {
  const url = lab.url('primary', 'app')
  expect((await run('primary', {}, { url: url.replace('/auth', '/autth') })).fact).toMatchObject({
    layer: 'database',
    code: '3D000',
  })
  const wrong = url.replace(lab.password('app'), 'wrong')
  expect((await run('primary', {}, { url: wrong })).fact).toMatchObject({ layer: 'auth', code: '28P01' })
  expect((await run('primary', {}, { url: `${url}?sslmode=require` })).fact).toMatchObject({ layer: 'tls' })
})

test('a contract that writes and reaches the standby', async () => {
  const { fact } = await run('primary', {}, { url: lab.url('standby', 'app') })
  expect(fact).toMatchObject({ ok: false, layer: 'role', code: '25006' })
  expect(fact.message).toContain('standby')
})

test('a lock, a slow answer, too many rows, a canary that writes or is two statements', async () => {
  const lock = lab.rows('primary', 'begin; lock table users; select pg_sleep(2.5)')
  await waitUntil(
    'the lock is held',
    async () =>
      (
        await lab.rows(
          'primary',
          "select 1 from pg_locks where relation = 'users'::regclass and granted and mode = 'AccessExclusiveLock'",
        )
      ).length > 0,
  )
  expect((await run()).fact).toMatchObject({ ok: false, layer: 'query', code: '55P03' })
  await lock
  expect((await run('primary', { canary: 'select pg_sleep(3)' })).fact).toMatchObject({
    ok: false,
    layer: 'latency',
    code: '57014',
  })
  expect((await run('primary', { canary: 'select pg_sleep(0.3)', withinMs: 200 })).fact).toMatchObject({
    ok: false,
    layer: 'latency',
    code: null,
  })
  expect((await run('primary', { canary: 'select generate_series(1, 20000)' })).fact).toMatchObject({
    ok: false,
    layer: 'query',
  })
  expect((await run('primary', { canary: 'select nextval($$orders_id_seq$$)' })).fact).toMatchObject({
    ok: false,
    layer: 'query',
    code: '25006',
  })
  expect(
    (await run('primary', { canary: 'select 1) x; commit; drop table users; select * from (select 1' })).fact,
  ).toMatchObject({ layer: 'query', code: '42601' })
  expect((await run()).fact.ok).toBe(true)
})

test('a server that is frozen is told within the timeouts of the application', async () => {
  const pid = Number(readFileSync(join(lab.node('primary').dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])
  process.kill(pid, 'SIGSTOP')
  try {
    const { fact } = await run()
    expect(fact).toMatchObject({ ok: false, layer: 'latency', code: 'CLIENT_DEADLINE' })
    expect(fact.ms).toBeLessThan(3_000)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
})

test('a broken line in the access rules that is not yet loaded breaks nothing', async () => {
  appendFileSync(join(lab.node('primary').dataDir, 'pg_hba.conf'), 'hostt all all all trust\n')
  lab.reload('primary')
  expect((await run()).fact.ok).toBe(true)
})
