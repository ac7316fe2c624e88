import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
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

test('a missing right is told with the grant that gives it', async () => {
  await lab.rows('primary', 'alter table users owner to postgres; revoke all on users from app')
  expect((await run()).remedy).toBe('grant select on users to app;')
  await lab.rows('primary', 'grant select on users to app')
  expect((await run()).fact.ok).toBe(true)
})

test('an answer that is late, too many rows, a canary that is two statements', async () => {
  const tried = async (sql: string, rest: Partial<ProbeOptions> = {}) =>
    (await run('primary', { canary: sql, ...rest })).fact
  expect(await tried('select pg_sleep(0.3)', { withinMs: 200 })).toMatchObject({
    ok: false,
    layer: 'latency',
    code: null,
  })
  expect(await tried('select generate_series(1, 20000)')).toMatchObject({ ok: false, layer: 'query' })
  const two = 'select 1) x; commit; drop table users; select * from (select 1'
  expect(await tried(two)).toMatchObject({ layer: 'query', code: '42601' })
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
