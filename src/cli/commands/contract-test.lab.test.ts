import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { contractResultShape, replicationLoginShape } from '../../shapes/contract.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from '../testing/fake-io.ts'

let lab: Lab
let dir: string

const config = `clusters:
  auth:
    engine: postgres
    nodes:
      primary: { url: "env:PRIMARY" }
      standby: { url: "env:STANDBY" }
      reports: { url: "env:REPORTS" }
    contracts:
      login:
        settings: [app1/.env, app2.env]
        node: primary
        reads: { standby: "#READ_STANDBY_URL", reports: "#READ_REPORTS_URL" }
        canary: "select id, md5(password_hash) from users where id in (1, 500, 900)"
        within_ms: 5s
        stale_ms: 500ms
`

beforeEach(async () => {
  lab = await testLab()
  dir = mkdtempSync(join(tmpdir(), 'contract-'))
  mkdirSync(join(dir, 'app1'))
  const settings = `DATABASE_URL=${lab.url('primary', 'app')}
READ_STANDBY_URL=${lab.url('standby', 'app')}
READ_REPORTS_URL=${lab.url('reports', 'app')}
`
  writeFileSync(join(dir, 'app1/.env'), settings)
  writeFileSync(join(dir, 'app2.env'), settings)
  writeFileSync(join(dir, 'antemortem.yaml'), config)
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

const answer = z.object({
  contracts: z.array(contractResultShape.extend({ remedy: z.string().nullable() })),
  replication: z.array(replicationLoginShape),
})

async function contractTest(...rest: readonly string[]) {
  const io = fakeIo({ cwd: dir })
  const code = await run(['contract', 'test', ...rest], commands, io)
  const { contracts, replication } =
    rest.includes('json') && io.printed.out !== ''
      ? answer.parse(JSON.parse(io.printed.out))
      : { contracts: [], replication: [] }
  return { code, contracts, replication, ...io.printed }
}

test('every instance reaches every node', async () => {
  const { code, contracts, replication, err } = await contractTest('--format', 'json')
  expect(contracts.map(({ instance, node, ok }) => `${instance} ${node} ${ok}`)).toEqual([
    'app1 primary true',
    'app1 standby true',
    'app1 reports true',
    'app2 primary true',
    'app2 standby true',
    'app2 reports true',
  ])
  expect([code, err]).toEqual([0, ''])
  // The addresses of the reading role are not set here: that is no failure of a contract.
  expect(replication.map(({ node, ok }) => [node, ok])).toEqual([
    ['primary', null],
    ['standby', null],
    ['reports', null],
  ])
  const { out } = await contractTest()
  expect(out).toMatch(/^ok +login:app1 +→ primary /)
  expect(out).toMatch(/^\? +replication +→ standby +cannot be seen/m)
  // What is the same for all connections is said once.
  expect(out.match(/all: tables: users is public\.users \(search_path/g)).toHaveLength(1)
})

test('one instance with a wrong password, told without it', async () => {
  const url = lab.url('primary', 'app').replace(lab.password('app'), 'wr0ng-s3cret')
  writeFileSync(join(dir, 'app2.env'), `DATABASE_URL=${url}\nREAD_STANDBY_URL=${url}\nREAD_REPORTS_URL=${url}\n`)
  const { code, contracts, out } = await contractTest('--format', 'json')
  expect(code).toBe(1)
  expect(contracts.filter(({ ok }) => !ok).map(({ instance, layer }) => `${instance} ${layer}`)).toEqual([
    'app2 auth',
    'app2 auth',
    'app2 auth',
  ])
  expect(out).not.toContain('wr0ng-s3cret')
})

test('rows that differ on the subscriber for longer than the contract allows', async () => {
  await lab.rows('reports', "update users set password_hash = 'x' where id = 500")
  const { code, contracts, out } = await contractTest('--format', 'json')
  expect(code).toBe(1)
  expect(contracts.filter(({ ok }) => !ok).map(({ node, layer }) => `${node} ${layer}`)).toEqual([
    'reports data',
    'reports data',
  ])
  expect(out).not.toMatch(/digest|password_hash/)
})

test('a file that names two databases is a configuration error; one that is gone is a result', async () => {
  writeFileSync(join(dir, 'app2.env'), 'DB_HOST=a\nDB_USER=u\nPOSTGRES_HOST=b\n')
  expect(await contractTest()).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('app2.env: names more than one database: DB_* (line 1), POSTGRES_* (line 3)'),
  })
  rmSync(join(dir, 'app2.env'))
  const { code, contracts } = await contractTest('--format', 'json')
  expect(code).toBe(1)
  expect(contracts.filter(({ ok }) => !ok)).toMatchObject(
    Array.from({ length: 3 }, () => ({ instance: 'app2', layer: null, code: 'ENOENT', role: null })),
  )
})

test('settings files of every format lead to the same server', async () => {
  const { port } = lab.node('primary')
  const password = lab.password('app')
  const files = {
    'pg_service.conf#login': `[login]\nhost=127.0.0.1\nport=${port}\ndbname=auth\nuser=app\npassword=${password}\n`,
    'blog/wp-config.php': `<?php\ndefine('DB_DRIVER', 'pgsql');\ndefine('DB_HOST', '127.0.0.1:${port}');\ndefine('DB_NAME', 'auth');\ndefine('DB_USER', 'app');\ndefine('DB_PASSWORD', '${password}');\n`,
    'rails/config/database.yml#production': `default: &default\n  adapter: postgresql\n  host: 127.0.0.1\n  port: ${port}\nproduction:\n  <<: *default\n  database: auth\n  username: app\n  password: "${password}"\n`,
    'api/appsettings.json#ConnectionStrings:Default': `{ "ConnectionStrings": { "Default": "Host=127.0.0.1;Port=${port};Database=auth;Username=app;Password=${password}" } }\n`,
    'java/application.properties#spring.datasource.url': `spring.datasource.url=jdbc:postgresql://127.0.0.1:${port}/auth\nspring.datasource.username=app\nspring.datasource.password=${password}\n`,
    'pgbouncer.ini#auth': `[databases]\nauth = host=127.0.0.1 port=${port} user=app password=${password}\n[pgbouncer]\npool_mode = session\n`,
    'libpq.env': `PGHOST=127.0.0.1\nPGPORT=${port}\nPGDATABASE=auth\nPGUSER=app\nPGPASSWORD=${password}\n`,
  }
  for (const [spec, text] of Object.entries(files)) {
    const file = join(dir, spec.replace(/#.*/, ''))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const named = Object.keys(files).map((spec) => JSON.stringify(spec))
  const ofAll = config.replace(/settings: .*/, `settings: [${named.join(', ')}]`).replace(/ +reads: .*\n/, '')
  writeFileSync(join(dir, 'antemortem.yaml'), ofAll)
  const { code, contracts, err } = await contractTest('--format', 'json')
  expect(contracts.map(({ instance, ok }) => `${instance} ${ok}`)).toEqual(
    ['pg_service', 'blog', 'rails', 'api', 'java', 'pgbouncer', 'libpq'].map((instance) => `${instance} true`),
  )
  expect([code, err]).toEqual([0, ''])

  const rails = join(dir, 'rails/config/database.yml')
  writeFileSync(
    rails,
    files['rails/config/database.yml#production'].replace('username: app', 'username: <%= ENV["U"] %>'),
  )
  expect(await contractTest()).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining(`${rails}:8: production.username is made by ERB`),
  })
})

test('a configuration without a contract says how to declare one', async () => {
  writeFileSync(join(dir, 'antemortem.yaml'), config.slice(0, config.indexOf('    contracts:')))
  expect(await contractTest()).toMatchObject({ code: 2, err: expect.stringContaining('declares no contract') })
})
