import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cutTo, fileOf, onFile, zeroPage } from '../../lab/damaged-file.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { Configured, grantAmcheck } from '../testing/damaged-lab.ts'

let lab: Lab
let at: Configured

beforeEach(async () => {
  lab = await testLab()
  at = configured()
})
afterEach(() => {
  vi.unstubAllEnvs()
  at[Symbol.dispose]()
})

function configured(options: ConstructorParameters<typeof Configured>[1] = {}): Configured {
  const made = new Configured(lab, options)
  for (const [name, value] of Object.entries(made.env)) vi.stubEnv(name, value)
  return made
}

const rowsOf = async (node: string, table = 'orders') =>
  (await lab.rows(node, `select count(*)::int as n, sum(hashtextextended(t::text, 0)) as hash from ${table} t`))[0]

test('a damaged heap page is found and explained, the table is rebuilt from the standby, and equal on all nodes', async () => {
  await grantAmcheck(lab)
  const before = await rowsOf('primary')
  await lab.damage('primary', 'orders', { page: 5, offset: 2048, length: 2048 })
  const { code, json } = await at.json('integrity')
  expect(code).toBe(1)
  expect(json).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({
        check: 'integrity/unreadable-blocks',
        subject: 'primary:public.orders',
        severity: 'critical',
        evidence: expect.objectContaining({ blocks: 1, first_block: 5, still_on: 'standby' }),
        mend: { kind: 'rebuild', schema: 'public', table: 'orders', donor: 'standby' },
      }),
    ]),
  })
  const planned = await at.json('integrity', '--repair', 'plan')
  expect(Reflect.get(Object(planned.json), 'plans')).toHaveLength(1)
  const id = Reflect.get(Object(planned.json), 'plans')[0].id
  const applied = await at.cli('integrity', '--repair', 'apply', id)
  expect(applied.code).toBe(0)
  expect(await rowsOf('primary')).toEqual(before)
  expect(await rowsOf('standby')).toEqual(before)
})

const findings = (json: unknown): readonly Record<string, unknown>[] => Reflect.get(Object(json), 'findings')
const plans = (json: unknown): readonly Record<string, unknown>[] => Reflect.get(Object(json), 'plans')
const blind = (json: unknown): readonly Record<string, unknown>[] => Reflect.get(Object(json), 'blind')

test('a healthy cluster has nothing, says what it could not look at, and what to grant', async () => {
  const { code, json } = await at.json('integrity')
  expect(code).toBe(0)
  expect(findings(json).filter(({ severity }) => severity !== 'info' && severity !== 'warning')).toEqual([])
  expect(blind(json)).toContainEqual(
    expect.objectContaining({
      check: 'integrity/amcheck',
      node: 'primary',
      remedy: 'On the primary: create extension amcheck;',
    }),
  )
  await lab.rows(
    'primary',
    'create extension amcheck; create extension pageinspect; revoke select on users from antemortem',
  )
  await lab.caughtUp()
  const again = await at.json('integrity', '--table', 'public.*', '--strict')
  expect(again.code).toBe(3)
  const remedies = blind(again.json).map(({ node, remedy }) => `${String(node)}: ${String(remedy)}`)
  expect(remedies).toContain(
    'primary: On the primary: grant execute on function public.bt_index_check(regclass,boolean) to antemortem;',
  )
  expect(remedies).toContain('primary: grant select on public.users to antemortem;')
  expect(remedies).toContainEqual(expect.stringContaining('as a superuser'))
})

test('a damaged index is found where its table is whole, built anew, and proven on the primary and the standby', async () => {
  await grantAmcheck(lab)
  await lab.damage('primary', 'orders_user_id_idx', { page: 1, offset: 2048, length: 512 })
  const { code, json } = await at.json('integrity')
  expect(code).toBe(1)
  expect(findings(json).filter(({ check }) => check === 'integrity/amcheck')).toEqual([
    expect.objectContaining({
      subject: 'primary:public.orders_user_id_idx',
      mend: { kind: 'reindex', schema: 'public', index: 'orders_user_id_idx' },
    }),
  ])
  const planned = await at.json('integrity', '--repair', 'plan')
  expect(plans(planned.json)).toHaveLength(1)
  const applied = await at.cli('integrity', '--repair', 'apply', String(plans(planned.json)[0]?.['id']))
  expect(applied.out + applied.err).not.toContain('FAILED')
  expect(applied.code).toBe(0)
  const again = await at.json('integrity')
  expect(findings(again.json).filter(({ check }) => check === 'integrity/amcheck')).toEqual([])
})

test('an index whose function was replaced is found by comparing it with its table; duplicates are named, and the attempt leaves nothing', async () => {
  await grantAmcheck(lab)
  const fold = (expression: string): string =>
    `create or replace function login_key(name text) returns text language plpgsql immutable as $$ begin return ${expression}; end $$`
  await lab.rows('primary', `${fold('lower(name)')}; create unique index users_login_key on users (login_key(name))`)
  await lab.rows('primary', `insert into users values (2001, 'USERO', 'x'), (2002, 'user0', 'y')`)
  await lab.rows('primary', fold(`replace(lower(name), '0', 'o')`))
  await lab.caughtUp()
  const { json } = await at.json('integrity')
  const subjects = findings(json)
    .filter(({ check }) => check === 'integrity/amcheck')
    .map(({ subject }) => subject)
  expect(subjects).toEqual(['primary:public.users_login_key', 'standby:public.users_login_key'])
  const planned = await at.json('integrity', '--repair', 'plan')
  expect(plans(planned.json)).toHaveLength(1)
  const id = String(plans(planned.json)[0]?.['id'])
  const failed = await at.cli('integrity', '--repair', 'apply', id)
  expect(failed.code).toBe(4)
  expect(failed.out).toContain('(usero) 2 times')
  expect(await lab.rows('primary', 'select indexrelid::regclass::text from pg_index where not indisvalid')).toEqual([])
  await lab.rows('primary', 'delete from users where id = 2001')
  const { code, out } = await at.cli('integrity', '--repair', 'apply', id)
  expect(out).toContain('bt_index_check')
  expect(code).toBe(0)
  const again = await at.json('integrity')
  expect(findings(again.json).filter(({ check }) => check === 'integrity/amcheck')).toEqual([])
})

test('a page of zeros on the standby is seen by the comparison alone, and the standby is not written', async () => {
  await onFile(lab, 'standby', 'orders', zeroPage(4))
  const { code, json } = await at.json('integrity')
  expect(code).toBe(1)
  expect(findings(json)).toContainEqual(
    expect.objectContaining({
      check: 'replication/row-consistency',
      subject: 'standby:public.orders',
      message: expect.stringContaining('rows are lost on standby, and primary still has them'),
      remedy: expect.stringContaining('clone it anew from primary'),
      mend: null,
    }),
  )
  const planned = await at.cli('integrity', '--repair', 'plan')
  expect(planned.code).toBe(1)
  expect(planned.out).toContain('no plan')
})

test('a file cut off on the standby is seen by its length, and what it cost is counted on the primary', async () => {
  await lab.rows('primary', 'vacuum analyze orders')
  await lab.caughtUp()
  await onFile(lab, 'standby', 'orders', cutTo(6))
  const { code, json } = await at.json('integrity')
  expect(code).toBe(1)
  expect(findings(json)).toContainEqual(
    expect.objectContaining({
      check: 'integrity/file-length',
      subject: 'standby:public.orders',
      severity: 'critical',
      evidence: expect.objectContaining({ blocks: 6, longer_on: 'primary', rows_elsewhere: expect.any(Number) }),
      message: expect.stringMatching(/are cut off; .*primary still reads \d{3,4} rows there/),
      remedy: expect.stringContaining('clone it anew from primary'),
    }),
  )
})

test('pages of zeros on the primary: its silent loss is found, the rows come back from the standby, and nothing else changes', async () => {
  const before = await rowsOf('primary')
  await onFile(lab, 'primary', 'orders', zeroPage(2))
  const lost = await rowsOf('primary')
  expect(Number(lost?.['n'])).toBeLessThan(Number(before?.['n']))
  const { json } = await at.json('integrity')
  expect(findings(json)).toContainEqual(
    expect.objectContaining({
      subject: 'primary:public.orders',
      mend: { kind: 'rebuild', schema: 'public', table: 'orders', donor: 'standby' },
    }),
  )
  const planned = await at.json('integrity', '--repair', 'plan')
  const applied = await at.cli('integrity', '--repair', 'apply', String(plans(planned.json)[0]?.['id']))
  expect(applied.out).not.toContain('FAILED')
  expect(applied.code).toBe(0)
  expect(await rowsOf('primary')).toEqual(before)
  const again = await at.cli('integrity')
  expect(again.code).toBe(0)
})

test('orphans, constraints that nobody has validated and disabled triggers are told with their names', async () => {
  await lab.rows(
    'primary',
    `set session_replication_role = replica; delete from users where id = 17; set session_replication_role = origin;
    alter table users add constraint users_named check (name <> '') not valid;
    create function nothing() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger quiet before insert on sessions for each row execute function nothing();
    alter table sessions disable trigger quiet`,
  )
  await lab.caughtUp()
  const { code, json } = await at.json('integrity')
  expect(code).toBe(1)
  expect(findings(json)).toContainEqual(
    expect.objectContaining({
      check: 'integrity/fk-orphans',
      subject: 'primary:public.orders',
      evidence: expect.objectContaining({ conname: 'orders_user_id_fkey', orphans: 2, first: '(17)' }),
    }),
  )
  expect(findings(json)).toContainEqual(
    expect.objectContaining({
      check: 'integrity/not-validated-constraint',
      subject: 'primary:public.users',
      remedy: 'alter table "public"."users" validate constraint "users_named";',
    }),
  )
  expect(findings(json)).toContainEqual(
    expect.objectContaining({ check: 'integrity/disabled-trigger', subject: 'primary:public.sessions' }),
  )
})

test('wrong input is refused with words', async () => {
  const wrong = [
    { argv: ['--max-load', '2'], words: 'expected a share above 0 to 1' },
    { argv: ['--max-load', 'much'], words: 'expected a share above 0 to 1' },
    { argv: ['--repair', 'apply'], words: 'name the plan' },
    { argv: ['--repair', 'apply', 'rebuild-none'], words: "no plan 'rebuild-none'" },
    { argv: ['--repair', 'mend'], words: 'Allowed choices are plan, apply, undo' },
    { argv: ['some-plan'], words: 'a plan is named with --repair' },
    { argv: ['--cluster', 'auht'], words: "did you mean 'auth'" },
    { argv: ['--table', 'public.nothing'], words: 'no table matches' },
    { argv: ['--repair', 'plan', '--from', 'reports'], words: 'rows are taken from a physical standby' },
  ]
  for (const { argv, words } of wrong) {
    const { code, err } = await at.cli('integrity', ...argv)
    expect({ argv, code, err }).toEqual({ argv, code: 2, err: expect.stringContaining(words) })
  }
})

test('without an acting role a plan is refused, and says what is missing', async () => {
  await lab.damage('primary', 'orders', { page: 5, offset: 2048, length: 2048 })
  at[Symbol.dispose]()
  at = configured({ act: false })
  const { code, out } = await at.cli('integrity', '--repair', 'plan')
  expect(code).toBe(1)
  expect(out).toContain('primary has no acting role')
})

test('an index file that a restore brought back from an hour ago: every page is whole, and new users cannot log in by their name', async () => {
  await grantAmcheck(lab)
  await lab.rows('primary', 'checkpoint')
  const old = readFileSync(await fileOf(lab, 'primary', 'users_name_key'))
  await lab.rows('primary', `insert into users select n, 'new' || n, md5('pw' || n) from generate_series(5001, 5020) n`)
  await lab.caughtUp()
  await onFile(lab, 'primary', 'users_name_key', (path) => writeFileSync(path, old))
  const login = `set enable_seqscan = off; select count(*)::int as n from users where name = 'new5007'`
  expect(await lab.rows('primary', login)).toEqual([{ n: 0 }])
  const { json } = await at.json('integrity')
  expect(findings(json).filter(({ severity }) => severity === 'critical')).toEqual([
    expect.objectContaining({ check: 'integrity/amcheck', subject: 'primary:public.users_name_key' }),
  ])
  const planned = await at.json('integrity', '--repair', 'plan')
  const applied = await at.cli('integrity', '--repair', 'apply', String(plans(planned.json)[0]?.['id']))
  expect(applied.code).toBe(0)
  expect(await lab.rows('primary', login)).toEqual([{ n: 1 }])
})
