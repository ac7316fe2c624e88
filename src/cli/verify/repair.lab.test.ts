import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { authBlueprint } from '../../lab/auth.ts'
import type { Lab } from '../../lab/lab.ts'
import { startLab } from '../../lab/start-lab.ts'
import { testLab } from '../../lab/testing.ts'
import { waitUntil } from '../../lab/wait.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from '../testing/fake-io.ts'

let lab: Lab
let dir: string

beforeEach(async () => {
  use(await testLab())
})

function use(used: Lab): void {
  lab = used
  dir = mkdtempSync(join(tmpdir(), 'repair-'))
  for (const { name } of lab.nodes) {
    vi.stubEnv(name.toUpperCase(), lab.url(name, 'watch'))
    vi.stubEnv(`ACT_${name.toUpperCase()}`, lab.url(name, 'admin'))
  }
  configure(true)
}
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

function configure(readsLogs: boolean): void {
  const nodes = lab.nodes.map(({ name, dataDir, logFile }) => {
    const host = readsLogs ? `, host: { local: true, data: "${dataDir}", log: "${logFile}" }` : ''
    return `      ${name}: { url: "env:${name.toUpperCase()}", act: "env:ACT_${name.toUpperCase()}"${host} }\n`
  })
  const text = `clusters:\n  auth:\n    engine: postgres\n    nodes:\n${nodes.join('')}store: "sqlite:${join(dir, 'store.db')}"\n`
  writeFileSync(join(dir, 'antemortem.yaml'), text)
}

async function verify(...words: readonly string[]) {
  const env = Object.fromEntries(
    lab.nodes.flatMap(({ name }) => [name.toUpperCase(), `ACT_${name.toUpperCase()}`].map((key) => [key, 'x'])),
  )
  const io = fakeIo({ cwd: dir, env })
  const code = await run(['verify', ...words], commands, io)
  return { code, ...io.printed }
}

const planIdOf = (out: string): string => /apply (repair-[0-9a-f]{8})/.exec(out)?.[1] ?? ''

test('a plan is shown, kept in private files, applied by its file, and taken back by its id', async () => {
  await lab.rows('reports', `update users set password_hash = 'wrong' where id = 7`)
  const planned = await verify('--repair', 'plan', '--to', 'reports', '--table', 'public.users')
  expect(planned).toMatchObject({ code: 0, err: '' })
  expect(planned.out).toContain('public.users: change 1 row, as primary has them')
  expect(planned.out).toContain('primary is taken for the truth')
  const id = planIdOf(planned.out)
  const files = join(dir, 'antemortem-plans')
  for (const name of [`${id}.json`, `${id}.sql`]) expect(statSync(join(files, name)).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(files, `${id}.sql`), 'utf8')).toMatch(
    /-- only if it is still: .*password_hash = 'wrong'.*\nupdate public.users set "password_hash" = '[0-9a-f]{32}' where "id" = '7';/,
  )
  const json: unknown = JSON.parse(readFileSync(join(files, `${id}.json`), 'utf8'))
  expect(json).toMatchObject({
    direction: { source: 'primary', target: 'reports' },
    tables: [{ table: 'public.users', rows: [{ key: ['7'], now: { password_hash: 'wrong' } }] }],
    session_replication_role: 'replica',
    replication_origin: true,
  })
  const applied = await verify('--repair', 'apply', join(files, `${id}.json`))
  expect(applied).toMatchObject({ code: 0, err: '' })
  expect(applied.out).toMatch(/^done {4}1 .*\ndone {4}2 .*behind a fence\n/)
  expect(readdirSync(files)).toContain(`${id}.undo-1.json`)
  expect(statSync(join(files, `${id}.undo-1.json`)).mode & 0o777).toBe(0o600)
  expect(await verify('--table', 'public.users')).toMatchObject({ code: 0 })
  expect(await verify('--repair', 'plan', '--to', 'reports', '--table', 'public.users')).toMatchObject({
    code: 0,
    out: expect.stringContaining('there is nothing to repair'),
  })
  expect(await verify('--repair', 'undo', id)).toMatchObject({ code: 0 })
  expect(await lab.rows('reports', 'select password_hash from users where id = 7')).toEqual([
    { password_hash: 'wrong' },
  ])
})

test('a file that somebody changed is no plan, and what is missing is asked for', async () => {
  await lab.rows('reports', `update users set password_hash = 'wrong' where id = 7`)
  const { out } = await verify('--repair', 'plan', '--to', 'reports', '--table', 'public.users')
  const file = join(dir, 'antemortem-plans', `${planIdOf(out)}.json`)
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"words": "public.users/, '"words": "other'))
  expect(await verify('--repair', 'apply', file)).toMatchObject({
    code: 2,
    err: expect.stringContaining('somebody has changed it'),
  })
  expect(await verify('--repair', 'plan')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--to primary | standby | reports'),
  })
  expect(await verify('--repair', 'apply')).toMatchObject({ code: 2, err: expect.stringContaining('needs a plan') })
  const standby = await verify('--repair', 'plan', '--to', 'standby')
  expect(standby).toMatchObject({ code: 1, out: expect.stringContaining('pg_basebackup') })
})

/** Somebody wrote on the subscriber what the primary writes now: apply fails on it again and again. */
async function stick(): Promise<void> {
  await lab.rows('reports', `insert into users values (5001, 'taken', 'x')`)
  await lab.rows(
    'primary',
    `begin; insert into users values (6001, 'taken', 'y'); update orders set amount = amount + 1 where id = 5; commit`,
  )
  await waitUntil('the error', async () => lab.log('reports').includes('finished at'))
}

test('a subscription that is stuck on a row gets two plans: the row goes, and its transaction comes', async () => {
  await stick()
  const planned = await verify('--repair', 'plan', '--to', 'reports')
  expect(planned.code).toBe(0)
  expect(planned.out).toMatch(/Subscription reports_sub of reports does not get past transaction \d+ of primary/)
  expect(planned.out).toMatch(/keep a copy of 1 row \(5001\) and delete it: primary sends its own/)
  expect(planned.out).toMatch(/alter subscription reports_sub skip \(lsn = '0\/[0-9A-F]+'\)/)
  expect(planned.out).toMatch(/public.users, which this transaction wrote: compare it with primary/)
  const applied = await verify('--repair', 'apply', planIdOf(planned.out))
  expect(applied).toMatchObject({ code: 0, err: '' })
  expect(await lab.rows('reports', `select id from users where name = 'taken'`)).toEqual([{ id: 6001 }])
  expect(await verify()).toMatchObject({ code: 0 })
})

test('the same on 15, whose log has other words', { timeout: 180_000 }, async ({ skip }) => {
  if (!existsSync('/usr/lib/postgresql/15/bin/postgres')) skip('PostgreSQL 15 is not installed')
  await using older = await startLab(authBlueprint(), { major: 15 })
  rmSync(dir, { recursive: true, force: true })
  use(older)
  await stick()
  const planned = await verify('--repair', 'plan', '--to', 'reports')
  expect(planned.out).toMatch(/keep a copy of 1 row \(5001\) and delete it: primary sends its own/)
  expect(await verify('--repair', 'apply', planIdOf(planned.out))).toMatchObject({ code: 0, err: '' })
  expect(await lab.rows('reports', `select id from users where name = 'taken'`)).toEqual([{ id: 6001 }])
})

test('the transaction that is skipped takes its other rows with it, and the plan says which tables lack them', async () => {
  await lab.rows('reports', 'alter subscription reports_sub set (disable_on_error = true)')
  await stick()
  const isOff = `select from pg_subscription where not subenabled`
  await waitUntil('it to switch itself off', async () => (await lab.rows('reports', isOff)).length === 1)
  const planned = await verify('--repair', 'plan', '--to', 'reports')
  expect(planned.out).toContain('alter subscription reports_sub enable')
  const ids = [...planned.out.matchAll(/apply (repair-[0-9a-f]{8})/g)].map(([, id]) => id ?? '')
  const applied = await verify('--repair', 'apply', ids[1] ?? '', '--format', 'json')
  expect(applied).toMatchObject({ code: 0, err: '' })
  const said: unknown = JSON.parse(applied.out)
  expect(JSON.stringify(said)).toMatch(/"table":"public.orders","verdict":"divergent","differing":1/)
  const repair = await verify('--repair', 'plan', '--to', 'reports')
  expect(repair.out).toContain('public.users: delete 1 row')
  expect(await verify('--repair', 'apply', planIdOf(repair.out))).toMatchObject({ code: 0 })
  expect(await verify()).toMatchObject({ code: 0 })
})

test('without its log a stuck subscription is told as what it is, with what it takes to know the row', async () => {
  configure(false)
  await stick()
  const { err } = await verify('--repair', 'plan', '--to', 'reports', '--table', 'nothing')
  expect(err).toMatch(/a subscription of reports does not work, and why stands in its log, which is not read/)
})
