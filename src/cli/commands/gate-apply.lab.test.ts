import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { waitUntil } from '../../lab/wait.ts'
import { clusterWithContract, rehearsedWell } from '../../gate/apply/testing/applying.ts'
import { makeOwnTable } from '../../gate/beat/testing/own-table.ts'
import { gateReportShape } from '../../shapes/gate.ts'
import { openStore } from '../../store/open.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from '../testing/fake-io.ts'

let lab: Lab
let dir: string

beforeEach(async () => {
  lab = await testLab()
  dir = mkdtempSync(join(tmpdir(), 'gate-apply-'))
  for (const { name } of lab.nodes) {
    vi.stubEnv(name.toUpperCase(), lab.url(name, 'watch'))
    vi.stubEnv(`ACT_${name.toUpperCase()}`, lab.url(name, 'admin'))
  }
  const nodes = lab.nodes.map(({ name, dataDir }) => {
    const host = name === 'reports' ? '' : `, host: { local: true, data: "${dataDir}" }`
    return `      ${name}: { url: "env:${name.toUpperCase()}", act: "env:ACT_${name.toUpperCase()}"${host} }\n`
  })
  writeFileSync(
    join(dir, 'antemortem.yaml'),
    `clusters:
  auth:
    engine: postgres
    nodes:
${nodes.join('')}    contracts:
      login: { settings: [app.env], node: primary, reads: { reports: "#READ_REPORTS_URL" },
        canary: "select id, md5(password_hash) from users where id in (1, 500, 900)" }
store: "sqlite:${join(dir, 'store.db')}"
`,
  )
  writeFileSync(
    join(dir, 'app.env'),
    `DATABASE_URL=${lab.url('primary', 'app')}\nREAD_REPORTS_URL=${lab.url('reports', 'app')}\n`,
  )
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

const env = () =>
  Object.fromEntries(
    lab.nodes.flatMap(({ name }) => [name.toUpperCase(), `ACT_${name.toUpperCase()}`].map((key) => [key, 'x'])),
  )

async function antemortem(...words: readonly string[]) {
  const io = fakeIo({ cwd: dir, env: env() })
  const code = await run(words, commands, io)
  return { code, ...io.printed }
}

function change(text: string, name = 'change.sql'): string {
  const file = join(dir, name)
  writeFileSync(file, text)
  return file
}

/** What is tested is what comes behind a rehearsal that saw nothing. */
async function rehearsedAlready(text: string, name = 'm.sql'): Promise<void> {
  mkdirSync(join(dir, 'other'), { recursive: true })
  await rehearsedWell(join(dir, 'store.db'), clusterWithContract(lab, join(dir, 'other')), [{ name, text }])
}

async function appliedAfterAll(text: string, ...rest: readonly string[]) {
  await rehearsedAlready(text)
  return applied(text, ...rest)
}

async function applied(text: string, ...rest: readonly string[]) {
  const { code, out, err } = await antemortem('gate', 'apply', change(text), '--format', 'json', ...rest)
  const report = out === '' ? null : gateReportShape.loose().parse(JSON.parse(out))
  return { code, err, report }
}

const columns = async (node: string, table = 'users'): Promise<readonly unknown[]> =>
  (
    await lab.rows(
      node,
      'select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum',
      [table],
    )
  ).map((row) => row['attname'])

const usual = ['id', 'name', 'password_hash', 'last_login']
const phone = '-- antemortem:on reports, primary\nalter table users add column phone text;'

test('a change is rehearsed, planned, applied and tested; asked again, it is known to be applied', async () => {
  await makeOwnTable(lab, join(dir, 'antemortem.yaml'))
  const { code, out } = await antemortem('gate', 'apply', change(phone))
  expect(code).toBe(0)
  expect(out.indexOf('R1: an exact inverse brings it back; if the tests fail, it is taken back at once')).toBeLessThan(
    out.indexOf('done    1'),
  )
  expect(out).toContain('undo: alter table users drop column phone')
  expect(out).toContain('PASS')
  expect(out).toMatch(
    /wrote\s+into\s+public\.beats\s+on\s+primary\s+showed\s+on\s+reports\s+after\s+\d+\s+ms,\s+standby\s+after/,
  )
  expect(await columns('primary')).toEqual([...usual, 'phone'])
  expect(await columns('reports')).toEqual([...usual, 'phone'])
  expect(out).toContain('This state is the last known good')
  const again = await applied(phone)
  expect(again).toMatchObject({
    code: 0,
    report: {
      stage: 'verify',
      verdict: 'pass',
      notes: [expect.stringContaining('applied already')],
      // Nothing was tested.
      last_known_good: false,
    },
  })
})

test('what does not pass its rehearsal is not applied', async () => {
  const { code, report } = await applied('alter table users add column phone text;')
  expect(code).toBe(1)
  expect(report).toMatchObject({ stage: 'rehearse', verdict: 'block', rollback: 'R1', plan: null })
  expect(report?.findings.map(({ rule }) => rule)).toContain('replication/schema-parity')
  expect(await columns('primary')).toEqual(usual)
})

test('a rehearsal holds for the cluster as it was then: on another one it is made again', async () => {
  const file = change(phone)
  expect((await antemortem('gate', 'rehearse', file)).code).toBe(0)
  const first = await rehearsedAt(phone)
  const { privateKey } = generateKeyPairSync('ed25519')
  vi.stubEnv('KEY', String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
  expect((await antemortem('gate', 'apply', file, '--approve', join(dir, 'plan.json'), '--key', 'env:KEY')).code).toBe(
    0,
  )
  expect(await rehearsedAt(phone)).toBe(first)
  await lab.rows('primary', 'create role somebody')
  expect(await applied(phone)).toMatchObject({ code: 0, report: { stage: 'verify', undeclared: [] } })
  expect(await rehearsedAt(phone)).not.toBe(first)
})

async function rehearsedAt(text: string): Promise<number | undefined> {
  const store = await openStore(`sqlite:${join(dir, 'store.db')}`, { clock: Date.now })
  try {
    const digest = createHash('sha256')
      .update(JSON.stringify([text]))
      .digest('hex')
    return (await store.record('gate-rehearsal', `auth/${digest}`))?.atMs
  } finally {
    await store.close()
  }
}

const credentials = `-- antemortem:on reports
create table credentials (user_id int primary key, hash text not null);
-- antemortem:on primary
create table credentials (user_id int primary key, hash text not null);
alter publication auth_pub add table credentials;
insert into credentials select id, password_hash from users;
-- antemortem:on reports
alter subscription reports_sub refresh publication;
`

test('what cannot be taken back exactly is asked for, printed and applied with --yes', async () => {
  const refused = await antemortem('gate', 'apply', change(credentials))
  expect(refused.code).toBe(2)
  expect(refused.err).toContain('the change cannot be taken back exactly (R2), and nobody is there to agree to it')
  expect(refused.out).toContain('R2: its inverse needs a new copy of tables on the subscribers')
  const { code, report } = await applied(credentials, '--yes')
  expect({ code, report }).toMatchObject({
    code: 0,
    report: { stage: 'verify', verdict: 'pass', rollback: 'R2', undeclared: [] },
  })
  expect(await lab.rows('reports', 'select count(*)::int as n from credentials')).toEqual([{ n: 1000 }])
})

test('a contract that fails between two steps stops the change, and what was done is taken back', async () => {
  const text = '-- antemortem:on reports, primary\nalter table users rename column password_hash to pw;'
  const { code, report } = await appliedAfterAll(text)
  expect(code).toBe(4)
  expect(report).toMatchObject({
    stage: 'rolled-back',
    verdict: 'block',
    undeclared: [],
    findings: [
      { rule: 'connection/login-fails', nodes: ['primary'], message: expect.stringContaining('password_hash') },
    ],
  })
  expect(await columns('reports')).toEqual(usual)
})

test('tests that fail at the end take back everything, last step first', async () => {
  await lab.rows('primary', `create index by_user on orders (user_id); comment on table orders is 'as it was'`)
  // The primary alone: nothing is left to be looked at between two steps.
  const text = `-- antemortem:on reports, primary
alter table orders add column note text;
-- antemortem:on primary
create index on orders (note);
alter table orders add check (id > 0);
comment on table orders is 'other';
drop index by_user;
insert into orders (id, user_id, amount) values (100001, 1, 5), (100002, 2, 6);
alter table users rename column password_hash to pw;
-- antemortem:on reports
alter table users rename column password_hash to pw;`
  const { code, report } = await appliedAfterAll(text, '--fail-on', 'critical')
  expect({ code, stage: report?.stage, undeclared: report?.undeclared }).toEqual({
    code: 4,
    stage: 'rolled-back',
    undeclared: [],
  })
  expect(await columns('primary', 'orders')).not.toContain('note')
  expect(await columns('reports', 'orders')).not.toContain('note')
  expect(await lab.rows('primary', 'select id from orders where id > 100000')).toEqual([])
  const kept = `select obj_description('orders'::regclass) as comment, (select indisvalid from pg_index where indexrelid = 'by_user'::regclass) as valid,
    (select count(*)::int from pg_constraint where conrelid = 'orders'::regclass and contype = 'c') as checks`
  expect(await lab.rows('primary', kept)).toEqual([{ comment: 'as it was', valid: true, checks: 1 }])
  expect(await columns('primary')).toEqual(usual)
})

test('a table that was made is not dropped with rows of somebody else in it', async () => {
  const text = `create unlogged table audit (id int); insert into audit values (1);
alter table users rename column password_hash to pw;`
  const applying = appliedAfterAll(text)
  const isThere = async (): Promise<boolean> =>
    (await lab.rows('primary', `select to_regclass('audit') is not null as there`))[0]?.['there'] === true
  await waitUntil('the table to be made', isThere)
  await lab.rows('primary', 'insert into audit values (2)')
  const { code, report } = await applying
  expect({ code, stage: report?.stage }).toEqual({ code: 4, stage: 'apply' })
  expect(String(report?.['left'])).toContain('The way back is not finished: antemortem mend resume gate-')
  expect(report?.findings.at(-1)?.message).toContain('rows were written into audit since, and would be lost')
  expect(await columns('primary')).toEqual(usual)
  await lab.rows('primary', 'delete from audit where id = 2')
  expect((await antemortem('gate', 'apply', join(dir, 'change.sql'))).out).toContain('ROLLED BACK')
  expect(await isThere()).toBe(false)
})

test('what has no way back stays, and the next commands are told', async () => {
  const text =
    "alter system set work_mem = '8MB'; select pg_reload_conf(); do $$ begin execute 'alter role app nologin'; end $$;"
  const { code, report } = await appliedAfterAll(text, '--yes')
  expect(code).toBe(4)
  expect(report).toMatchObject({ stage: 'verify', verdict: 'block' })
  expect(report?.findings.map(({ rule }) => rule)).toContain('connection/login-fails')
  expect(String(report?.['left'])).toMatch(/antemortem mend undo gate-[0-9a-f]{8}/)
  const undone = await antemortem('mend', 'undo', String(report?.['plan']))
  expect(undone.out).toContain('stays: do $$')
  expect(undone.code).toBe(0)
  await waitUntil(
    'the setting to be back',
    async () => (await lab.rows('primary', 'show work_mem'))[0]?.['work_mem'] === '4MB',
  )
})

test('a table that somebody holds is tried again, and others get through meanwhile', async () => {
  const holder = await lab.session('primary', 'holder')
  await holder.rows('begin; select from users limit 1')
  const applying = appliedAfterAll(phone, '--lock-budget', '400ms')
  await waitUntil('an attempt to wait', async () =>
    lab.log('primary').includes('canceling statement due to lock timeout'),
  )
  await holder.rows('commit')
  await holder[Symbol.asyncDispose]()
  expect(await applying).toMatchObject({ code: 0, report: { stage: 'verify' } })
  expect(await columns('primary')).toContain('phone')
})

test('a commit that waits for a standby which does not answer is looked up, and waits no longer', async () => {
  await lab.rows('primary', "alter system set synchronous_standby_names = 'nobody'")
  await lab.rows('primary', 'select pg_reload_conf()')
  await waitUntil(
    'the setting',
    async () =>
      (await lab.rows('primary', 'show synchronous_standby_names'))[0]?.['synchronous_standby_names'] === 'nobody',
  )
  const { code, report } = await appliedAfterAll(phone)
  expect({ code, stage: report?.stage }).toEqual({ code: 0, stage: 'verify' })
  const journal = await antemortem('mend', 'list', String(report?.['plan']), '--format', 'json')
  expect(journal.out).toContain('"unconfirmed_by_standby": true')
  expect(report?.['notes']).toEqual([expect.stringContaining('no synchronous standby has confirmed it')])
  expect(await columns('primary')).toContain('phone')
})

test("a change that lets no row through is seen by the contract's own row alone, which must be writable before anything begins", async () => {
  await makeOwnTable(lab, join(dir, 'antemortem.yaml'))
  await lab.rows('primary', 'revoke insert on beats from app')
  expect(await applied(phone)).toMatchObject({
    code: 2,
    report: null,
    err: expect.stringMatching(
      /contracts\.login\.canary_table: app may not insert public\.beats[^]*grant select, insert/,
    ),
  })
  await lab.rows('primary', 'grant insert on beats to app')
  await lab.rows(
    'reports',
    `create function skip() returns trigger language plpgsql as 'begin return null; end';
create trigger skip before insert or update on beats for each row execute function skip();
alter table beats disable trigger skip`,
  )
  const text = '-- antemortem:on reports\nalter table beats enable always trigger skip;'
  const { code, report } = await appliedAfterAll(text, '--fail-on', 'critical')
  expect({ code, stage: report?.stage, undeclared: report?.undeclared, left: report?.['left'] }).toEqual({
    code: 4,
    stage: 'rolled-back',
    undeclared: [],
    left: null,
  })
  expect(report?.findings.filter(({ severity }) => severity === 'critical')).toMatchObject([
    {
      rule: 'replication/canary-missing',
      object: 'reports:public.beats',
      message: expect.stringMatching(/^rows written on primary no longer reach reports: .* within 3/),
    },
  ])
  expect(report?.['notes']).toEqual([expect.stringMatching(/^after the way back the row .* showed on reports after/)])
})

test('what nobody declared is reported, unless it is allowed', async () => {
  const text = `do $$ begin execute 'create index hidden on ord' || 'ers (amount)'; end $$;`
  const { report } = await appliedAfterAll(text, '--yes')
  expect(report).toMatchObject({ stage: 'verify', verdict: 'pass', rollback: 'R3' })
  expect(report?.undeclared.map(({ object }) => object)).toEqual(['primary:public.orders'])
  const other = await appliedAfterAll(text.replace('hidden', 'hidden2'), '--yes', '--allow', 'schema:public.orders')
  expect(other.report?.undeclared).toEqual([])
})

test('a second person signs the plan, which holds for this change on this cluster alone', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(dir, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(join(dir, 'key.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const [key, pub] = [`file:${join(dir, 'key.pem')}`, `file:${join(dir, 'key.pub')}`]
  const plan = join(dir, 'plan.json')
  const file = change(phone)
  await rehearsedAlready(phone)
  expect(await antemortem('gate', 'apply', file, '--approve', plan, '--key', key)).toMatchObject({ code: 0 })
  expect(await columns('primary')).toEqual(usual)

  const signed = readFileSync(plan, 'utf8')
  const withPlan = async (text: string, sql = phone) => {
    writeFileSync(plan, text)
    return antemortem('gate', 'apply', change(sql), '--plan', plan, '--key', pub)
  }
  const tampered = await withPlan(signed.replaceAll('phone', 'pin'))
  expect(tampered).toMatchObject({ code: 2, err: expect.stringContaining('is not that of the given key') })
  const other = await withPlan(signed, phone.replace('phone', 'pin'))
  expect(other).toMatchObject({ code: 2, err: expect.stringContaining('approved for another change') })
  expect(await antemortem('gate', 'apply', file, '--plan', plan)).toMatchObject({
    code: 2,
    err: expect.stringContaining('key is not given'),
  })
  await lab.rows('primary', 'create role somebody')
  expect(await withPlan(signed)).toMatchObject({ code: 2, err: expect.stringContaining('the cluster as it was then') })
  await lab.rows('primary', 'drop role somebody')
  expect(await withPlan(signed)).toMatchObject({ code: 0 })
  expect(await columns('primary')).toContain('phone')
})

const shown = async (node: string, name: string): Promise<unknown> =>
  (await lab.rows(node, 'select current_setting($1) as value', [name]))[0]?.['value']

test('files of servers are written on their hosts, read by a reload, and what waits for a restart is said', async () => {
  const [primary, standby] = [lab.node('primary').dataDir, lab.node('standby').dataDir]
  const conf = join(primary, 'postgresql.conf')
  const was = statSync(conf)
  const text = '# antemortem:on primary, standby\nwork_mem = 8MB\nmax_connections = 150\n'
  const file = change(text, 'db.conf')
  const { code, out } = await antemortem('gate', 'apply', file, '--format', 'json')
  expect(code).toBe(0)
  const report = gateReportShape.loose().parse(JSON.parse(out))
  expect(report).toMatchObject({ stage: 'verify', verdict: 'pass', rollback: 'R1', undeclared: [] })
  expect(report['notes']).toEqual([
    expect.stringMatching(/primary: max_connections will be .* in the rehearsal every server was restarted with it/),
    expect.stringMatching(/standby: max_connections will be/),
    expect.stringContaining('max_connections is raised: restart the standbys first'),
  ])
  for (const node of ['primary', 'standby']) {
    expect(await shown(node, 'work_mem')).toBe('8MB')
    expect(await shown(node, 'max_connections')).toBe('60')
  }
  const is = statSync(conf)
  expect([is.uid, is.gid, is.mode]).toEqual([was.uid, was.gid, was.mode])
  expect(readFileSync(join(standby, 'postgresql.conf'), 'utf8')).toMatch(/work_mem = 8MB\nmax_connections = 150\n$/)

  const elsewhere = await antemortem('gate', 'apply', change('# antemortem:on reports\nwork_mem = 8MB', 'db.conf'))
  expect(elsewhere).toMatchObject({ code: 2, err: expect.stringContaining('nodes.reports has no local host') })
})

test.each([
  ['that lets nobody in any more, ourselves neither', 'local all all trust\n', 'no pg_hba.conf entry for'],
  ['that the server refuses before it reads it', 'hosst all all all trust\n', 'as it is written now: line 1'],
])('a pg_hba.conf %s is put back byte for byte', async (_, rules, why) => {
  const file = join(lab.node('primary').dataDir, 'pg_hba.conf')
  const before = readFileSync(file)
  await rehearsedAlready(rules, 'pg_hba.conf')
  const { code, out } = await antemortem('gate', 'apply', change(rules, 'pg_hba.conf'), '--format', 'json')
  const report = gateReportShape.loose().parse(JSON.parse(out))
  expect({ code, stage: report.stage, undeclared: report.undeclared }).toEqual({
    code: 4,
    stage: 'rolled-back',
    undeclared: [],
  })
  expect(report.findings.map(({ message }) => message).join()).toContain(why)
  expect(readFileSync(file).equals(before)).toBe(true)
  expect(await shown('primary', 'server_version_num')).toMatch(/^18/)
})
