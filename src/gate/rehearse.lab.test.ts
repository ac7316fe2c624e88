import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ClusterConfig } from '../core/configuration.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { rehearse } from './rehearse.ts'

const configOf = (lab: Lab, contracts: ClusterConfig['contracts'] = []): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null })),
  contracts,
  fence: 'message',
  invariants: [],
})

async function rehearsed(
  text: string,
  lab?: Lab,
  more: { name?: string; contracts?: ClusterConfig['contracts'] } = {},
) {
  return rehearse({
    cluster: configOf(lab ?? (await testLab()), more.contracts),
    files: [{ name: more.name ?? 'change.sql', text }],
    serving: new Set(['reports']),
    signal: AbortSignal.timeout(60_000),
  })
}

const seed0 = `-- antemortem:on primary, reports
create table user_credentials (user_id int primary key references users (id), password_hash text not null);
insert into user_credentials select id, password_hash from users;
`

test('seed 0: the new table that no publication names is blocked; the file as the remedy gives it passes', async () => {
  const lab = await testLab()
  const report = await rehearsed(seed0, lab)
  expect(report).toMatchObject({
    verdict: 'block',
    findings: [
      {
        rule: 'replication/table-not-carried',
        consequence: 'replication/publication-incomplete',
        object: 'primary:publication auth_pub:public.user_credentials',
        nodes: ['reports'],
        severity: 'error',
      },
    ],
    rollback: 'R1',
  })
  const corrected = (report.findings[0]?.remedy ?? '').split('\n').slice(1).join('\n')
  expect(corrected).toContain('alter publication auth_pub add table public.user_credentials')
  expect(await rehearsed(corrected, lab)).toMatchObject({ verdict: 'pass', findings: [], rollback: 'R2' })
  expect(await lab.rows('primary', `select to_regclass('user_credentials')::text as there`)).toEqual([{ there: null }])
})

test('a new table that the login of the subscription may not read is refused, one that it may read is not', async () => {
  const report = await rehearsed(`-- antemortem:on primary, reports
create schema app;
create schema open;
create table app.bare (id int primary key);
create table open.bare (id int primary key);
-- antemortem:on primary
grant usage on schema open to replicator;
grant select on open.bare to replicator;
alter publication auth_pub add table app.bare, open.bare;
-- antemortem:on reports
alter subscription reports_sub refresh publication;`)
  expect(report.findings.map(({ rule, object, message }) => [rule, object, message.split(':')[0]])).toEqual([
    [
      'replication/copy-refused',
      'reports:subscription reports_sub',
      'replicator, by which reports_sub on reports logs in, may not read app.bare on primary',
    ],
  ])
  expect(report.findings[0]?.remedy).toContain('grant usage on schema app to replicator;')
})

test('a column on the primary alone stops the subscription, and the subscriber is told to be first', async () => {
  const report = await rehearsed('alter table users add column phone text;')
  expect(report.verdict).toBe('block')
  expect(report.findings.map(({ rule, object }) => [rule, object])).toEqual([
    ['replication/apply-stops', 'reports:public.users'],
    ['replication/schema-parity', 'reports:public.users'],
  ])
  expect(report.findings[0]?.message).toContain('missing replicated column: "phone"')
  expect(report.locks).toMatchObject([
    { node: 'primary', object: 'public.users', mode: 'AccessExclusiveLock', rewrites: false },
  ])
})

test('a column on the subscriber first, then on the primary, and an index pass; its lock is told', async () => {
  const report = await rehearsed(`-- antemortem:on reports, primary
alter table users add column phone text;
-- antemortem:on primary
create index on orders (amount); create index concurrently on users (name);`)
  expect(report).toMatchObject({ verdict: 'pass', findings: [], rollback: 'R1' })
  expect(report.locks).toContainEqual(expect.objectContaining({ object: 'public.orders', mode: 'ShareLock' }))
})

test('a statement that fails is named by its line, and what stood before it in the transaction is not kept', async () => {
  const report = await rehearsed(
    'begin;\nalter table users add column phone text;\ninsert into users (id, nickname) values (1, 2);\ncommit;',
  )
  expect(report).toMatchObject({
    verdict: 'block',
    findings: [
      {
        rule: 'schema/statement-fails',
        object: 'change.sql:3',
        nodes: ['primary'],
        message: expect.stringContaining('(42703): column "nickname"'),
      },
    ],
  })
})

test('a statement that only made-up rows stand against is a warning, and what follows it is still looked at', async () => {
  const report = await rehearsed(
    'begin;\ninsert into orders (user_id, amount) values (42, 1);\nalter publication auth_pub drop table orders;\ncommit;',
  )
  expect(report.findings.map(({ rule, severity }) => [rule, severity])).toEqual([
    ['replication/table-not-carried', 'error'],
    ['schema/statement-fails', 'warning'],
  ])
})

test('a file that ends inside its transaction changes nothing, and is told so', async () => {
  const report = await rehearsed('begin;\nalter publication auth_pub drop table orders;')
  expect(report.findings).toMatchObject([
    { rule: 'schema/statement-fails', object: 'change.sql:1', message: expect.stringContaining('ends inside') },
  ])
})

test('a rewrite is seen in the trace, not guessed from the text', async () => {
  const text = '-- antemortem:on reports, primary\nalter table orders alter amount type numeric(14, 4);'
  const report = await rehearsed(text)
  // By its form a type's change is R3; here it was taken back, with rows at the ends of the old type.
  expect(report).toMatchObject({
    verdict: 'warn',
    findings: [{ rule: 'schema/holds-lock', object: 'primary:public.orders' }],
    rollback: 'R1',
    wayBack: { words: expect.stringContaining('tried') },
  })
  expect(report.locks.filter(({ rewrites }) => rewrites)).toMatchObject([
    { node: 'reports', object: 'public.orders' },
    { node: 'primary', object: 'public.orders' },
  ])
})

test('a rule that is ignored with a reason is noted, and counts until its day', async () => {
  const ignored = (
    table: string,
    until: string,
  ) => `-- antemortem-ignore replication/table-not-carried: local on purpose until ${until}
create table ${table} (id int primary key);`
  const report = await rehearsed(`-- antemortem:on primary, reports
${ignored('notes', '2999-01-01')}
${ignored('old_notes', '2020-01-01')}`)
  expect(report.findings.map(({ rule, object }) => [rule, object])).toEqual([
    ['replication/table-not-carried', 'primary:publication auth_pub:public.old_notes'],
  ])
  expect(report.notes.toSorted()).toEqual([
    expect.stringContaining('ended on 2020-01-01'),
    expect.stringContaining('local on purpose'),
  ])
})

test.each([
  [
    'alter publication auth_pub drop table orders; alter table sessions replica identity nothing;',
    [
      ['replication/table-not-carried', 'primary:publication auth_pub:public.orders'],
      ['replication/canary-refused', 'primary:public.sessions'],
    ],
  ],
  [
    `alter system set shared_preload_libraries = 'no_such_library';`,
    [['server/does-not-start', 'primary:shared_preload_libraries']],
  ],
  ['alter system set max_connections = 200;', [['replication/stream-stops', 'standby:max_connections']]],
  [
    'alter system set default_transaction_read_only = on;',
    [['server/refuses-writes', 'primary:default_transaction_read_only']],
  ],
  [
    `alter system set synchronous_standby_names = 'nobody'; select pg_reload_conf();`,
    [['server/refuses-writes', 'primary:synchronous_standby_names']],
  ],
  [
    `-- antemortem:on standby
select pg_wal_replay_pause();
-- antemortem:on reports
alter subscription reports_sub disable;`,
    [
      ['replication/stream-stops', 'standby:pg_wal_replay_pause'],
      ['replication/subscription-stops', 'reports:subscription reports_sub'],
    ],
  ],
])('%s is blocked', async (text, found) => {
  const report = await rehearsed(text)
  expect(report.verdict).toBe('block')
  for (const [rule, object] of found) expect(report.findings).toContainEqual(expect.objectContaining({ rule, object }))
})

/** A contract whose settings file lies in the lab's directory. */
function contractOf(lab: Lab): ClusterConfig['contracts'][number] {
  const file = join(lab.dir, 'contract.env')
  writeFileSync(file, `DATABASE_URL=${lab.url('primary', 'app')}\n`, { mode: 0o600 })
  return {
    name: 'login',
    settings: [{ file, key: null }],
    node: 'primary',
    readOnly: false,
    reads: [{ node: 'reports', file: null, key: null }],
    canary: 'select name, password_hash from users limit 5',
    withinMs: 1000,
    staleMs: 1000,
    outcomes: null,
  }
}

test.each([
  ['alter role app nologin;', [['connection/login-fails', 'primary:role app']]],
  [
    // The usual search_path begins with a schema of the role's own name.
    'revoke insert on users from app; create schema app authorization app; create table app.users (like public.users); alter table app.users owner to app;',
    [
      ['connection/rights-lost', 'primary:public.users'],
      ['connection/other-table', 'primary:app.users'],
    ],
  ],
  [
    `alter role app set statement_timeout = '1ms';`,
    [['connection/session-defaults', 'primary:role app statement_timeout']],
  ],
])('%s is found by a contract that connects anew', async (text, found) => {
  const lab = await testLab()
  const report = await rehearsed(text, lab, { contracts: [contractOf(lab)] })
  for (const [rule, object] of found) expect(report.findings).toContainEqual(expect.objectContaining({ rule, object }))
  expect(report.rollback).toBe('R1')
  expect(await lab.rows('primary', `select rolcanlogin from pg_roles where rolname = 'app'`)).toEqual([
    { rolcanlogin: true },
  ])
})

test('lines of postgresql.conf are a change, and a pg_hba.conf without the application is one that locks it out', async () => {
  const lab = await testLab()
  const wal = await rehearsed('wal_level = replica', lab, { name: 'postgresql.conf' })
  expect(wal.findings).toMatchObject([{ rule: 'server/does-not-start', object: 'primary:wal_level' }])
  const rules = 'host all postgres,antemortem all scram-sha-256\nhost replication,all replicator all scram-sha-256'
  const access = await rehearsed(rules, lab, { name: 'pg_hba.conf', contracts: [contractOf(lab)] })
  expect(access.findings).toMatchObject([{ rule: 'connection/access-rules', object: 'primary:pg_hba.conf' }])
})

test('rows of production that refuse a statement are counted there, and what a cascade takes along is told', async () => {
  const lab = await testLab()
  const refused = await rehearsed('create unique index on orders (user_id);', lab)
  expect(refused.findings).toMatchObject([{ rule: 'schema/rows-refuse', object: 'primary:public.orders' }])
  const cascade = await rehearsed('alter table users drop constraint users_pkey cascade;', lab)
  expect(cascade.undeclared.map(({ object }) => object)).toEqual(['primary:public.orders', 'primary:public.sessions'])
})
