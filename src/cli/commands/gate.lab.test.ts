import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testLab } from '../../lab/testing.ts'
import { makeOwnTable } from '../../gate/beat/testing/own-table.ts'
import { gateReportShape } from '../../shapes/gate.ts'
import { WrappedLab } from '../testing/wrapped-lab.ts'

let it: WrappedLab
beforeEach(async () => {
  it = new WrappedLab(await testLab())
})
afterEach(() => it[Symbol.dispose]())

const limits = { timeout: 90_000 }

test('a declared change passes, and is the last known good for check and for a watch that runs', limits, async () => {
  await makeOwnTable(it.lab, join(it.dir, 'antemortem.yaml'))
  const { io, ended } = it.start('watch', '--format', 'json')
  const seen = (type: string) =>
    io.printed.out.split('\n').filter((line) => line.includes(`"${type}"`) && line.includes('changed-since-lkg'))
  await expect.poll(() => io.printed.out, { timeout: 20_000 }).toContain('watch.started')
  const update = it.sql('reports', `alter system set autovacuum_naptime = '50s'`, 'select pg_reload_conf()')
  const { code, report, err } = await it.gate(['--allow', 'settings:autovacuum_naptime'], update)
  expect([code, err]).toEqual([0, ''])
  expect(gateReportShape.parse(report)).toMatchObject({
    stage: 'verify',
    verdict: 'pass',
    findings: [],
    command_exit: 0,
  })
  expect(report).toMatchObject({
    undeclared: [],
    declared: [{ kind: 'setting', object: 'reports:autovacuum_naptime' }],
    last_known_good: true,
    notes: [
      expect.stringMatching(/^after the command the row .* public\.beats on primary showed on reports .*, standby/),
    ],
  })
  // The watch saw another setting than the good one, until it heard of the gate.
  await expect
    .poll(() => [seen('finding.opened'), seen('finding.closed')].map(({ length }) => length), { timeout: 15_000 })
    .toEqual([1, 1])
  io.stop.abort()
  await ended

  const only = ['check', '--only', 'configuration/changed-since-lkg', '--format', 'json'] as const
  const asLeft = it.start(...only)
  expect([await asLeft.ended, JSON.parse(asLeft.io.printed.out)]).toMatchObject([0, { clusters: [{ findings: [] }] }])
  await it.lab.rows('reports', `alter system set autovacuum_naptime = '40s'`)
  await it.lab.rows('reports', 'select pg_reload_conf()')
  const byHand = it.start(...only)
  await byHand.ended
  expect(JSON.parse(byHand.io.printed.out)).toMatchObject({
    clusters: [{ findings: [{ subject: 'reports:autovacuum_naptime', evidence: { old: '50', new: '40' } }] }],
  })
})

test(
  'seed 2: connection parameters that an updater has rewritten are named, and put back byte for byte',
  limits,
  async () => {
    const before = readFileSync(it.envFile)
    const update = ['sed', '-i', 's/^DB_PORT=.*/DB_PORT=1/; s/^STYLE=.*/STYLE=light/', it.envFile]
    const { code, report } = await it.gate([], update)
    expect([code, report]).toMatchObject([
      1,
      {
        stage: 'rolled-back',
        verdict: 'block',
        findings: [
          {
            rule: 'connection/contract-fails',
            consequence: 'connection/settings-changed',
            object: `${it.envFile}#DB_PORT`,
            nodes: ['primary'],
            severity: 'critical',
            remedy: expect.stringContaining('has been put back'),
          },
        ],
        restored: [it.envFile],
        journal: expect.stringMatching(/^gate-/),
        notes: [expect.stringContaining('put back byte for byte'), expect.stringContaining('gets in again')],
      },
    ])
    expect(readFileSync(it.envFile).equals(before)).toBe(true)
    expect(statSync(it.envFile).mode & 0o777).toBe(0o640)
    expect(JSON.stringify(report)).not.toContain(it.lab.password('app'))

    const left = await it.gate(['--no-restore'], update)
    expect([left.code, left.report]).toMatchObject([1, { stage: 'verify', restored: [] }])
    expect(readFileSync(it.envFile, 'utf8')).toContain('DB_PORT=1\n')
  },
)

test('seed 2 in other formats: each rewritten key is named, and the files are put back', limits, async () => {
  const { port } = it.lab.node('primary')
  const password = it.lab.password('app')
  const [rails, api] = [join(it.dir, 'shop/database.yml'), join(it.dir, 'api/appsettings.json')]
  mkdirSync(dirname(rails))
  mkdirSync(dirname(api))
  const yaml = `# Rails\nproduction:\n  adapter: postgresql\n  host: 127.0.0.1\n  port: ${port} # the pooler's\n  database: auth\n  username: app\n  password: '${password}'\n`
  const json = `{\n  // .NET\n  "ConnectionStrings": { "Default": "Host=127.0.0.1;Port=${port};Database=auth;Username=app;Password=${password}" },\n}\n`
  writeFileSync(rails, yaml)
  writeFileSync(api, json)
  const config = join(it.dir, 'antemortem.yaml')
  const settings = '[shop/database.yml, "api/appsettings.json#ConnectionStrings:Default"]'
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace(/settings: app.env(.*?)reads: \{.*?\},/, `settings: ${settings}$1`),
  )
  const update = [
    'sed',
    '-i',
    `s/port: ${port}/port: 1/; s/Port=${port}/Port=2/; s/Username=app/Username=nobody/`,
    rails,
    api,
  ]
  const { code, report } = await it.gate([], update)
  expect([code, report]).toMatchObject([1, { verdict: 'block', stage: 'rolled-back', restored: [rails, api] }])
  const changed = ['production.port', 'ConnectionStrings:Default.Port', 'ConnectionStrings:Default.Username']
  for (const key of changed) expect(JSON.stringify(report)).toContain(`#${key}"`)
  expect(report).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({ consequence: 'connection/settings-changed', object: `${rails}#production.port` }),
    ]),
  })
  expect([readFileSync(rails, 'utf8'), readFileSync(api, 'utf8')]).toEqual([yaml, json])
  expect(JSON.stringify(report)).not.toContain(password)
})

test('a rewritten file with which all works is a change that nobody declared', limits, async () => {
  const update = ['sed', '-i', 's/127.0.0.1$/localhost/', it.envFile]
  const { code, report } = await it.gate([], update)
  expect([code, report]).toMatchObject([
    0,
    { verdict: 'warn', findings: [{ rule: 'change/undeclared', object: `${it.envFile}#DB_HOST` }], restored: [] },
  ])
  chmodSync(it.envFile, 0o600)
  expect(
    (await it.gate(['--allow', 'files:app.env'], ['sed', '-i', 's/localhost$/127.0.0.1/', it.envFile])).report,
  ).toMatchObject({
    verdict: 'pass',
  })
})

test('seed 3: a page that is damaged while the command runs is met', limits, async () => {
  await it.lab.rows('primary', `insert into orders (user_id, amount) select id, 5 from users`)
  await it.lab.caughtUp()
  const [row] = await it.lab.rows('primary', `select pg_relation_filepath('orders') as path`)
  await it.lab.rows('primary', 'checkpoint')
  const file = `${it.lab.node('primary').dataDir}/${String(row?.['path'])}`
  const drop = 'select pg_reload_conf()'
  await it.lab.rows('primary', drop)
  // Garbage over a page, and the buffers emptied by an immediate restart, as a crash would.
  const script = `dd if=/dev/urandom of=${file} bs=8192 count=1 conv=notrunc 2>/dev/null; kill -9 $(head -1 ${it.lab.node('primary').dataDir}/postmaster.pid); sleep 0.3`
  const running = it.gate([], ['sh', '-c', script])
  await expect.poll(() => it.lab.isRunning('primary'), { timeout: 30_000, interval: 20 }).toBe(false)
  await it.lab.start('primary')
  const { code, report } = await running
  expect(code).toBe(1)
  expect(report?.['findings']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        rule: 'integrity/table-unreadable',
        consequence: 'integrity/table-corruption',
        object: 'primary:public.orders',
      }),
    ]),
  )
})

test('a command that fails is exit 4, with its own code and what it has done until then', limits, async () => {
  const { code, report } = await it.gate([], it.sql('primary', 'create role half_done', 'select 1/0'))
  expect([code, report]).toMatchObject([
    4,
    {
      command_exit: 1,
      verdict: 'block',
      findings: expect.arrayContaining([expect.objectContaining({ rule: 'command/fails' })]),
      undeclared: [{ kind: 'role', object: 'primary:role half_done' }],
    },
  ])
})

test('a command that hangs is ended by its time, and what it leaves behind is named', limits, async () => {
  const hangs = await it.gate(['--timeout', '500ms'], ['sh', '-c', 'cd /; sleep 600 & wait'])
  expect([hangs.code, hangs.report]).toMatchObject([4, { findings: [{ rule: 'command/fails' }] }])
  const leaves = await it.gate([], ['sh', '-c', 'setsid sleep 601 >/dev/null 2>&1 & echo $!'])
  expect(leaves.report).toMatchObject({ verdict: 'warn', findings: [{ rule: 'command/leaves-processes' }] })
  const pid = /(\d+) \(sleep 601\)/.exec(JSON.stringify(leaves.report))?.[1]
  process.kill(Number(pid))
})

test('what is no command, no declaration or no node is refused before anything is looked at', async () => {
  expect(await it.gate([], ['no-such-program'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('there is no program'),
  })
  expect(await it.gate(['--allow', 'everything'], ['true'])).toMatchObject({ code: 2 })
  expect(await it.gate(['--rehearse-with', 'URL=nowhere'], ['true'])).toMatchObject({ code: 2 })
  expect(await it.gate([], [])).toMatchObject({ code: 2 })
})
