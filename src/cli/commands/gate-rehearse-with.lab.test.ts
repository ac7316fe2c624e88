import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { testLab } from '../../lab/testing.ts'
import { WrappedLab } from '../testing/wrapped-lab.ts'

let it: WrappedLab
beforeEach(async () => {
  it = new WrappedLab(await testLab())
  vi.stubEnv('DATABASE_URL', it.lab.url('primary', 'app'))
})
afterEach(() => it[Symbol.dispose]())

const limits = { timeout: 120_000 }
const tables = async () => it.lab.rows('primary', `select relname from pg_class where relname = 'credentials'`)

test('a harmless migration runs in the copy, then for real', limits, async () => {
  // What a migration tool has written down goes into the copy as it is; all other rows there are made up.
  await it.lab.rows('primary', `create table schema_migrations (version text primary key)`)
  await it.lab.rows('primary', `insert into schema_migrations values ('001'), ('002')`)
  const asKnown = `do $$ begin if (select string_agg(version, ',' order by version) from schema_migrations) <> '001,002'
    then raise exception 'made-up migrations'; end if; end $$`
  const migrate = it.sqlByEnvironment(asKnown, 'create index on orders (placed_at)')
  const { code, report } = await it.gate(['--rehearse-with', 'DATABASE_URL', '--allow', 'schema'], migrate)
  expect([code, report]).toMatchObject([
    0,
    {
      stage: 'verify',
      verdict: 'pass',
      declared: [{ object: 'primary:public.orders' }],
      notes: expect.arrayContaining([
        expect.stringContaining('primary 1'),
        expect.stringContaining('primary: public.schema_migrations'),
      ]),
    },
  ])
  expect(JSON.stringify(report)).not.toContain(it.lab.password('app'))
})

test(
  'a command that takes its address from elsewhere has ignored the variable, and reaches nothing',
  limits,
  async () => {
    const migrate = it.sql('primary', 'create table credentials (user_id int primary key)')
    const { code, report } = await it.gate(['--rehearse-with', 'DATABASE_URL=primary'], migrate)
    expect([code, report]).toMatchObject([
      1,
      {
        stage: 'rehearse',
        findings: expect.arrayContaining([
          expect.objectContaining({
            rule: 'rehearsal/env-ignored',
            message: expect.stringContaining('your command ignored DATABASE_URL'),
          }),
        ]),
      },
    ])
    expect(await tables()).toEqual([])
  },
)

test('settings files are led to the copy, and what the rehearsed command writes is gone', limits, async () => {
  const before = readFileSync(it.envFile)
  const rails = join(it.dir, 'shop/database.yml')
  mkdirSync(join(it.dir, 'shop'))
  const { port } = it.lab.node('primary')
  const yaml = `production:\n  host: localhost\n  port: ${port} # the shop\n  database: auth\n  username: app\n  password: ${it.lab.password('app')}\n`
  writeFileSync(rails, yaml)
  const config = join(it.dir, 'antemortem.yaml')
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace('settings: app.env', 'settings: [app.env, shop/database.yml]'),
  )
  const inYaml = (key: string): string => `$(sed -n 's/^ *${key}: \\([^ ]*\\).*/\\1/p' ${rails})`
  const script = `set -a; . ${it.envFile}; DATABASE_URL="postgres://$DB_USER:$DB_PASSWORD@${inYaml('host')}:${inYaml('port')}/$DB_NAME" ${it.sqlByEnvironment('select 1').join(' ').replace('select 1', "'select 1'")}; echo DB_PORT=1 >> ${it.envFile}; touch ${join(it.dir, 'written')}; exit 3`
  const { code, report } = await it.gate(['--rehearse-with', 'DATABASE_URL=primary'], ['sh', '-c', script])
  expect([code, report]).toMatchObject([
    1,
    {
      stage: 'rehearse',
      command_exit: 3,
      findings: [{ rule: 'rehearsal/command-fails', severity: 'error' }],
      notes: expect.arrayContaining([expect.stringContaining('primary 1')]),
    },
  ])
  expect(readFileSync(it.envFile).equals(before)).toBe(true)
  expect(readFileSync(rails, 'utf8')).toBe(yaml)
})

test('where nothing can be shut off, a command that reaches production is ended and told', limits, async () => {
  vi.stubEnv('OTHER_URL', it.lab.url('primary', 'admin'))
  // As where a container forbids it.
  writeFileSync(join(it.dir, 'unshare'), '#!/bin/sh\necho "unshare failed: Operation not permitted" >&2\nexit 1\n', {
    mode: 0o755,
  })
  vi.stubEnv('PATH', `${it.dir}:${process.env['PATH'] ?? ''}`)
  const well = await it.gate(['--rehearse-with', 'DATABASE_URL'], it.sqlByEnvironment('select 1'))
  expect([well.code, well.report]).toMatchObject([
    0,
    { stage: 'verify', notes: expect.arrayContaining([expect.stringContaining('could not be shut off here')]) },
  ])
  const { code, report } = await it.gate(
    ['--rehearse-with', 'OTHER_URL=primary'],
    it.sqlByEnvironment('select pg_sleep(5)'),
  )
  expect([code, report]).toMatchObject([
    1,
    {
      stage: 'rehearse',
      findings: [{ rule: 'rehearsal/reached-production', severity: 'critical' }],
    },
  ])
})
