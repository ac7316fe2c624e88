import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { testLab } from '../../lab/testing.ts'
import { both, closeLabs, labOf, majors, run, urlOf, value, why, withLink } from './testing/looking.ts'

afterAll(closeLabs)

test.for(majors)(
  'on %d pg_monitor alone is told each grant that it lacks, and with them sees everything',
  async (major, { skip }) => {
    const lab = await labOf(major, skip)
    await run(lab, 'primary', [
      `create role bare login password 'bare' in role pg_monitor`,
      'create schema "Odd one"',
      'create sequence "Odd one".counter',
    ])
    const url = urlOf(lab, 'primary', 'bare', 'bare')
    const blind = why(await withLink(lab, 'primary', both, url))
    expect(blind).toEqual({
      accessRules: 'no-privilege: grant execute on function pg_catalog.pg_hba_file_rules() to "bare"',
      fileSettings: 'no-privilege: grant execute on function pg_catalog.pg_show_all_file_settings() to "bare"',
      sequences: 'no-privilege: grant select on all sequences in schema "Odd one", "public" to "bare"',
    })
    await run(
      lab,
      'primary',
      Object.values(blind).map((remedy) => remedy.replace('no-privilege: ', '')),
    )
    const facts = await withLink(lab, 'primary', both, url)
    expect(why(facts)).toEqual({})
    expect(value(facts, 'privileges')).toMatchObject({ role: 'bare', monitor: true, writes: false })
    // What it may not do, it has not tried: the server's log says nothing of us.
    expect(lab.log('primary')).not.toMatch(/permission denied/)
  },
)

test.for(majors)('on %d roles and their settings are read, secrets masked', async (major, { skip }) => {
  const lab = await labOf(major, skip)
  await run(lab, 'primary', [
    `create role limited login connection limit 3 valid until '2027-01-01 00:00:00+00'`,
    `create role forever login valid until 'infinity'`,
    'alter role limited set search_path = a, b',
    `alter role limited set app.jwt_secret = 'hunter2'`,
    'alter database auth set work_mem = 8192',
    `alter role limited in database auth set statement_timeout = '3s'`,
    'alter role all set lock_timeout = 5',
  ])
  const facts = await withLink(lab, 'primary', both)
  const role = (name: string) => value(facts, 'roles').find((one) => one.name === name)
  expect(role('limited')).toEqual({
    name: 'limited',
    canLogin: true,
    superuser: false,
    replication: false,
    connectionLimit: 3,
    validUntilMs: Date.parse('2027-01-01T00:00:00Z'),
  })
  expect(role('forever')).toMatchObject({ connectionLimit: -1, validUntilMs: null })
  expect(role('postgres')).toMatchObject({ superuser: true, replication: true })
  expect(value(facts, 'roles').filter(({ name }) => name.startsWith('pg_'))).toEqual([])
  expect(value(facts, 'roleSettings')).toEqual([
    { role: null, database: null, name: 'lock_timeout', value: '5' },
    { role: null, database: 'auth', name: 'work_mem', value: '8192' },
    {
      role: 'limited',
      database: null,
      name: 'app.jwt_secret',
      value: expect.stringMatching(/^\*\*\* \(#[0-9a-f]{8}\)$/),
    },
    { role: 'limited', database: null, name: 'search_path', value: 'a, b' },
    { role: 'limited', database: 'auth', name: 'statement_timeout', value: '3s' },
  ])
})

test.for(majors)(
  'on %d access rules are read as they stand in the file, loaded or not, without their secrets',
  async (major, { skip }) => {
    const lab = await labOf(major, skip)
    const write = (lines: string): void => appendFileSync(join(lab.node('primary').dataDir, 'pg_hba.conf'), lines)
    const read = async () => value(await withLink(lab, 'primary', both), 'accessRules')
    const before = await read()
    write('\n# only a comment\n')
    expect((await read()).digest).toBe(before.digest)
    write('host auth,other app,+staff 10.1.0.0 255.255.0.0 radius radiusservers="127.0.0.1" radiussecrets="hunter2"\n')
    write('host all all fe80::/10 scram-sha-256\n')
    write('host all all all scam\n')
    const after = await read()
    expect(after.rules.slice(before.rules.length)).toMatchObject([
      {
        type: 'host',
        databases: ['auth', 'other'],
        roles: ['app', '+staff'],
        address: '10.1.0.0/16',
        method: 'radius',
        error: null,
      },
      { address: 'fe80::/10', method: 'scram-sha-256' },
      { method: null, error: expect.stringContaining('scam') },
    ])
    expect(after.rules.at(-1)?.file === null).toBe(major < 16)
    expect(after.digest).not.toBe(before.digest)
    expect(JSON.stringify(after)).not.toContain('hunter2')
  },
)

test.for(majors)(
  'on %d a line of a settings file that a reload would refuse is read with its reason',
  async (major, { skip }) => {
    const lab = await labOf(major, skip)
    lab.setConf('primary', { work_mem: 'banana', 'app.api_key': 'hunter2', max_connections: '77' })
    const lines = value(await withLink(lab, 'primary', both), 'fileSettings')
    const of = (name: string) => lines.findLast((line) => line.name === name)
    expect(of('work_mem')).toMatchObject({ value: 'banana', applied: false, error: expect.any(String) })
    expect(of('work_mem')?.file).toMatch(/postgresql\.conf$/)
    expect(of('work_mem')?.line).toBeGreaterThan(1)
    expect(of('app.api_key')?.value).toMatch(/^\*\*\* \(#/)
    expect(JSON.stringify(lines)).not.toContain('hunter2')
  },
)

test('what the reading role may do too much is told', async () => {
  const lab = await testLab()
  const read = async (url?: string) => value(await withLink(lab, 'primary', both, url), 'privileges')
  expect(await read(lab.url('primary', 'admin'))).toMatchObject({ superuser: true, writes: true, readAllData: true })
  expect(await read(lab.url('primary', 'app'))).toMatchObject({ superuser: false, monitor: false, writes: true })
  await run(lab, 'primary', ['grant pg_read_all_data to antemortem'])
  expect(await read()).toMatchObject({ readAllData: true, writes: false })
  await run(lab, 'primary', ['grant insert on users to antemortem'])
  expect(await read()).toMatchObject({ writes: true })
})
