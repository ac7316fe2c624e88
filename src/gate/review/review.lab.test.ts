import { expect, test } from 'vitest'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import type { Login } from './input.ts'
import type { ReviewReport } from '../../core/gate.ts'
import { review } from './review.ts'

const configOf = (lab: Lab, as: 'watch' | 'app' = 'watch'): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, as), act: null, host: null })),
  contracts: [],
  fence: 'message',
  invariants: [],
})

const app: Login = {
  who: 'contract login',
  role: 'app',
  database: 'auth',
  address: '127.0.0.1',
  tls: null,
  node: 'primary',
}

const reviewed = async (lab: Lab, text: string, name = 'm.sql', cluster = configOf(lab)): Promise<ReviewReport> =>
  review({
    files: [{ name, text, before: null }],
    cluster,
    logins: [app],
    failOn: 'error',
    today: '2026-01-01',
    signal: AbortSignal.timeout(60_000),
  })

const said = ({ findings }: ReviewReport): readonly string[] =>
  findings.map(({ rule, object, nodes, basis }) => `${rule} ${object} @ ${nodes.join(', ')} (${basis})`)

test('a table that is split and not published is stopped before it is run: outage 0', async () => {
  const report = await reviewed(
    await testLab(),
    `-- antemortem:on primary, reports
create table user_credentials (user_id int primary key references users (id), password_hash text not null);
insert into user_credentials select id, password_hash from users;`,
  )
  expect(report.verdict).toBe('block')
  expect(said(report)).toEqual([
    'replication/table-unpublished primary:publication auth_pub:public.user_credentials @ reports (topology)',
  ])
})

test('a job that writes on the subscriber is stopped: outage 1', async () => {
  const text = `-- antemortem:on reports\nupdate users set last_login = now() where id = 7;`
  expect(said(await reviewed(await testLab(), text))).toEqual([
    'replication/subscriber-written reports:public.users @ reports (topology)',
  ])
})

test('settings that point a writer to the standby are stopped: outage 2', async () => {
  const lab = await testLab()
  const { host, port } = lab.node('standby')
  expect(said(await reviewed(lab, `DATABASE_URL=postgres://app:secret@${host}:${port}/auth\n`, 'app.env'))).toEqual([
    'application/settings-lead-elsewhere app.env#DATABASE_URL @ standby (topology)',
  ])
})

test('rows of production that refuse a statement are counted by a role that may only read', async () => {
  const lab = await testLab()
  await lab.rows('primary', 'update users set last_login = null where id <= 3')
  const report = await reviewed(
    lab,
    `alter table users alter column last_login set not null;
create unique index concurrently on orders (user_id);
alter table orders add constraint cheap check (amount < 100) not valid;
alter table sessions add constraint later check (started_at > '2030-01-01');
alter table orders alter column id type int;`,
  )
  const probed = report.findings.filter(({ basis }) => basis === 'probe')
  expect(probed.map(({ line, message }) => [line, message.slice(0, message.indexOf(': it fails'))])).toEqual([
    [1, '3 rows of public.users refuse it (last_login is null)'],
    [2, '1000 rows or more of public.orders refuse it (user_id more than once)'],
    [4, "500 rows of public.sessions refuse it (not (started_at > '2030-01-01'))"],
  ])
  expect(probed[0]?.remedy).toContain('select * from "public"."users" where "last_login" is null limit 10;')
})

test('rows that the reading role may not see are said to be unasked, and a table that is locked ends no review', async () => {
  const lab = await testLab()
  await lab.rows('primary', 'create table secret (id int); insert into secret values (null)')
  await lab.rows('primary', 'revoke all on secret from antemortem')
  const report = await reviewed(lab, 'alter table secret alter column id set not null;')
  expect(report.findings.filter(({ basis }) => basis === 'probe')).toMatchObject([
    { severity: 'info', message: expect.stringContaining('could not be asked') },
  ])
  await using holder = await lab.session('primary', 'holder')
  await holder.rows('begin; lock table users')
  const startedMs = performance.now()
  const locked = await reviewed(lab, 'alter table users alter column last_login set not null;')
  expect(locked.blind.join()).toContain('primary')
  expect(performance.now() - startedMs).toBeLessThan(30_000)
})

test('a node that is down is said, and the others are judged', async () => {
  const lab = await testLab()
  await lab.stop('standby', 'immediate')
  const report = await reviewed(lab, 'alter table users add column phone text;')
  expect(report.blind.join()).toContain('standby')
  expect(said(report)).toEqual(['replication/column-not-on-subscriber reports:public.users @ reports (topology)'])
})

test('what a role without pg_monitor may not see is said with the grant, and the rest is judged', async () => {
  const lab = await testLab()
  const report = await reviewed(lab, 'alter table users add column phone text;', 'm.sql', configOf(lab, 'app'))
  expect(report.blind.join('\n')).toMatch(/^primary: .*pg_monitor/m)
  expect(said(report)).toEqual(['replication/column-not-on-subscriber reports:public.users @ reports (topology)'])
})

test('row security without a policy hides every row from the application, and replication goes on', async () => {
  const lab = await testLab()
  const enable = 'alter table users enable row level security'
  // The application owns its tables here.
  expect(said(await reviewed(lab, enable))).toEqual([])
  const change = `${enable}; alter table users force row level security`
  expect(said(await reviewed(lab, change))).toEqual([
    'application/rows-hidden primary:public.users @ primary (topology)',
  ])
  await lab.rows('primary', change)
  expect(await lab.rows('primary', 'select * from users', [], 'app')).toEqual([])
})

test('every login is led through new access rules: of the contract, the standby and the subscription', async () => {
  const rules = 'host all antemortem,postgres 127.0.0.1/32 scram-sha-256\n'
  const report = await reviewed(await testLab(), rules, 'pg_hba.conf')
  expect(report.findings.map(({ message }) => message.slice(0, message.indexOf(' does')))).toEqual([
    'contract login (role app, database auth, from 127.0.0.1)',
    expect.stringContaining('standby'),
    expect.stringContaining('subscription reports_sub'),
  ])
  expect(report.verdict).toBe('block')
  const open = 'host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n'
  expect(said(await reviewed(await testLab(), open, 'pg_hba.conf'))).toEqual([])
})
