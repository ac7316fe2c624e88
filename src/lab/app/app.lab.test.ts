import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { processesWith } from '../testing-program.ts'
import { testLab } from '../testing.ts'
import { waitUntil } from '../wait.ts'
import type { App } from './app.ts'
import { startApp } from './start-app.ts'

type Outcome = Readonly<Record<string, unknown>>

const outcomes = (app: App): readonly Outcome[] =>
  readFileSync(app.outcomes, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Outcome => JSON.parse(line))

const waitFor = async (app: App, what: string, is: (all: readonly Outcome[]) => boolean): Promise<void> =>
  waitUntil(what, async () => is(outcomes(app)), { everyMs: 20, timeoutMs: 15_000 })

const of = (all: readonly Outcome[], fields: Outcome): readonly Outcome[] =>
  all.filter((one) => Object.entries(fields).every(([key, value]) => one[key] === value))

test('users log in on every node, through every instance', async () => {
  const lab = await testLab()
  await using app = await startApp(lab, { loginsPerSecond: 20 })
  await waitFor(app, 'logins on every node', (all) =>
    app.instances.every((instance) => lab.nodes.every((node) => of(all, { instance, node: node.name }).length > 2)),
  )
  const all = outcomes(app)
  expect(all.filter(({ code }) => code !== 'ok')).toEqual([])
  expect(Object.keys(all[0] ?? {})).toEqual(['at', 'instance', 'node', 'code', 'release'])
  const [sessions] = await lab.rows(
    'primary',
    `select count(distinct application_name)::int as n from pg_stat_activity where application_name like 'login-%'`,
  )
  expect(sessions).toEqual({ n: 3 })
  const [users] = await lab.rows(
    'primary',
    'select count(*)::int as n from users where last_login > now() - interval $$1 min$$',
  )
  expect(Number(users?.['n'])).toBeGreaterThan(10)
})

test('a release that reads a table which is empty on the subscriber fails there, and only there', async () => {
  const lab = await testLab()
  const copy = 'create table credentials as select id, password_hash from users; grant select on credentials to app'
  await lab.rows('primary', copy)
  await lab.rows('reports', `${copy}; truncate credentials`)
  await lab.caughtUp()
  await using app = await startApp(lab, { loginsPerSecond: 20 })
  await app.release({
    name: 'v2',
    statements: {
      read: 'select password_hash from credentials where id = $1',
      write: 'update users set last_login = now() where id = $1',
    },
  })
  await waitFor(app, 'logins with the new release', (all) => of(all, { release: 'v2' }).length > 30)
  const codes = new Set(of(outcomes(app), { release: 'v2' }).map(({ node, code }) => `${String(node)} ${String(code)}`))
  expect([...codes].sort()).toEqual(['primary ok', 'reports APP_NO_SUCH_USER', 'standby ok'])
})

test('settings that point nowhere, a changed hash and a read-only primary each have their own code', async () => {
  const lab = await testLab()
  await using app = await startApp(lab, { loginsPerSecond: 20, instances: 2 })
  await app.setEnv('app2', { READ_STANDBY_URL: lab.url('standby', 'app').replace(/:\d+\//, ':1/') })
  await waitFor(
    app,
    'a refused connection',
    (all) => of(all, { instance: 'app2', node: 'standby', code: 'ECONNREFUSED' }).length > 0,
  )
  expect(of(outcomes(app), { instance: 'app1', node: 'standby', code: 'ECONNREFUSED' })).toEqual([])
  for (const timeout of ['1500', '1600', '1700']) await app.setEnv('app1', { DB_QUERY_TIMEOUT_MS: timeout })
  expect(of(outcomes(app), { instance: 'app1' }).filter(({ code }) => code !== 'ok')).toEqual([])
  await lab.rows('reports', `update users set password_hash = 'other'`)
  await waitFor(app, 'a wrong hash', (all) => of(all, { node: 'reports', code: 'APP_BAD_HASH' }).length > 0)
  await lab.rows('primary', 'alter system set default_transaction_read_only = on')
  lab.reload('primary')
  await waitFor(app, 'a refused write', (all) => of(all, { node: 'primary', op: 'write', code: '25006' }).length > 0)
})

test('its processes end when it is stopped', async () => {
  const lab = await testLab()
  const app = await startApp(lab)
  expect(processesWith(app.outcomes)).toHaveLength(3)
  await app.stop()
  expect(processesWith(app.outcomes)).toHaveLength(0)
})
