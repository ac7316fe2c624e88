import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { checkReportShape } from '../../shapes/check.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from '../testing/fake-io.ts'

let lab: Lab
let dir: string

beforeEach(async () => {
  lab = await testLab()
  dir = mkdtempSync(join(tmpdir(), 'init-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

async function cli(...argv: readonly string[]) {
  const io = fakeIo({ cwd: dir, env: Object.fromEntries(Object.entries(process.env).map(([k, v]) => [k, v ?? ''])) })
  const code = await run(argv, commands, io)
  return { code, ...io.printed }
}

const file = (): string => readFileSync(join(dir, 'antemortem.yaml'), 'utf8')
const urls = (): readonly string[] => lab.nodes.map(({ name }) => lab.url(name, 'watch'))

function put(name: string, text: string): void {
  mkdirSync(join(dir, name, '..'), { recursive: true })
  writeFileSync(join(dir, name), text)
}

const written = z.object({
  clusters: z.object({
    auth: z.object({
      nodes: z.record(z.string(), z.object({ url: z.string() })),
      contracts: z
        .record(
          z.string(),
          z.object({ settings: z.array(z.string()), node: z.string(), reads: z.record(z.string(), z.string()) }),
        )
        .optional(),
    }),
  }),
  file: z.string(),
  set: z.array(z.object({ node: z.string(), variable: z.string() })),
  missing: z.array(z.object({ node: z.string(), variable: z.string(), needs: z.string() })),
  grants: z.array(z.object({ statements: z.array(z.string()) })),
})

async function init(...rest: readonly string[]) {
  const { code, out, err } = await cli('init', '--format', 'json', ...rest)
  return { code, err, out, config: written.parse(JSON.parse(out)) }
}

/** As a person does who reads what init has said. */
function setVariables(): void {
  vi.stubEnv('AUTH_PRIMARY_URL', lab.url('primary', 'watch'))
  vi.stubEnv('AUTH_STANDBY_URL', lab.url('standby', 'watch'))
  vi.stubEnv('AUTH_SUBSCRIBER_URL', lab.url('reports', 'watch'))
}

async function checked() {
  const { code, out, err } = await cli('check', '--format', 'json', '--fail-on', 'critical')
  return { code, err, report: checkReportShape.parse(JSON.parse(out)) }
}

test('three addresses and the settings files beside them become a file that check takes', async () => {
  const app = `DATABASE_URL=${lab.url('primary', 'app')}\nREAD_STANDBY_URL=${lab.url('standby', 'app')}\n`
  put('.env', `${app}OTHER=1\n`)
  put('services/login/web.env', app.replace('127.0.0.1', 'localhost'))
  put('services/login/deeper/too.env', app)
  put('.env.example', app)
  put('node_modules/x/.env', app)
  put('foreign/.env', 'DATABASE_URL=postgres://app:x@db.invalid/other\n')
  const { code, err, out, config } = await init(...urls())
  expect([code, err]).toEqual([0, ''])
  expect(config.clusters.auth.nodes).toEqual({
    primary: { url: 'env:AUTH_PRIMARY_URL' },
    standby: { url: 'env:AUTH_STANDBY_URL' },
    subscriber: { url: 'env:AUTH_SUBSCRIBER_URL' },
  })
  expect(config.clusters.auth.contracts).toEqual({
    app: { settings: ['.env', 'services/login/web.env'], node: 'primary', reads: { standby: '#READ_STANDBY_URL' } },
  })
  expect(config.set.map(({ variable }) => variable)).toEqual([
    'AUTH_PRIMARY_URL',
    'AUTH_STANDBY_URL',
    'AUTH_SUBSCRIBER_URL',
  ])
  for (const role of ['antemortem', 'app']) expect(out + file()).not.toContain(lab.password(role))
  expect(await cli('check')).toMatchObject({ code: 2, err: expect.stringContaining('AUTH_PRIMARY_URL is not set') })
  setVariables()
  const { code: checkCode, err: said, report } = await checked()
  expect([checkCode, said]).toEqual([0, ''])
  expect(report.clusters[0]?.nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
    'primary primary',
    'standby standby',
    'subscriber subscriber',
  ])
  expect(report.clusters[0]?.results.find(({ check }) => check === 'connections/contract')).toMatchObject({
    blind: [],
    found: [],
  })
})

test('one address: who else is there, and the address that each still needs', async () => {
  const { config } = await init(lab.url('primary', 'watch'))
  expect(Object.keys(config.clusters.auth.nodes)).toEqual(['primary'])
  expect(config.missing).toMatchObject([
    { node: 'standby', variable: 'AUTH_STANDBY_URL', needs: 'postgres://antemortem@127.0.0.1:PORT/auth' },
    { node: 'subscriber', variable: 'AUTH_SUBSCRIBER_URL', needs: 'postgres://antemortem@127.0.0.1:PORT/DATABASE' },
  ])
  setVariables()
  expect((await checked()).report.clusters[0]?.nodes).toHaveLength(1)
  // A person who follows what the file says.
  writeFileSync(join(dir, 'antemortem.yaml'), file().replaceAll(/# ((?:standby|subscriber): \{)/g, '$1'))
  const whole = await checked()
  expect([whole.code, whole.report.clusters[0]?.nodes.length, whole.report.clusters[0]?.unnamed]).toEqual([0, 3, []])
})

test('the grants that it prints are all that the reading role needs', async () => {
  for (const node of ['primary', 'reports']) {
    await lab.rows(node, "create role reader login password 'r3ader'")
    await lab.rows(node, 'create extension if not exists amcheck')
    await lab.rows(node, 'create schema shop; create table shop.goods (id int primary key)')
  }
  await lab.caughtUp()
  const addresses = lab.nodes.map(({ host, port }) => `postgres://reader:r3ader@${host}:${port}/auth`)
  const { config } = await init(...addresses)
  for (const { statements } of config.grants)
    for (const statement of statements) for (const node of ['primary', 'reports']) await lab.rows(node, statement)
  await lab.caughtUp()
  for (const [n, name] of ['PRIMARY', 'STANDBY', 'SUBSCRIBER'].entries()) vi.stubEnv(`AUTH_${name}_URL`, addresses[n])
  const { report } = await checked()
  const unseen = report.clusters[0]?.results.flatMap(({ check, blind }) => blind.map((each) => ({ check, ...each })))
  expect(unseen?.filter(({ why }) => why === 'no-privilege')).toEqual([])
  expect(report.clusters[0]?.findings.filter(({ check }) => check === 'configuration/monitor-privilege')).toEqual([])
  const may = await lab.rows(
    'primary',
    "select has_function_privilege('reader', 'bt_index_check(regclass)', 'execute') as may",
  )
  expect(may).toEqual([{ may: true }])
})

test('what is there is not overwritten, what cannot be written or seen leaves nothing behind', async () => {
  const [url = ''] = urls()
  expect(await cli('init')).toMatchObject({ code: 2, out: '' })
  expect(await cli('init', 'postgres://antemortem@127.0.0.1:1/auth')).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringContaining('ECONNREFUSED'),
  })
  expect(existsSync(join(dir, 'antemortem.yaml'))).toBe(false)
  put('antemortem.yaml', '# ours\n')
  expect(await cli('init', url)).toMatchObject({ code: 2, err: expect.stringContaining('is there already') })
  expect(file()).toBe('# ours\n')
  expect(await cli('init', url, '--config', 'antemortem.yaml/x.yaml')).toMatchObject({
    code: 2,
    err: expect.stringContaining('antemortem.yaml/x.yaml: ENOTDIR'),
  })
  expect(await cli('init', url, '--force')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^written {2}antemortem/),
  })
  expect(file()).toContain('primary: { url: "env:AUTH_PRIMARY_URL" }')
})

test('an address without a password stands in the file as it is', async () => {
  const passfile = join(dir, 'pgpass')
  writeFileSync(passfile, `*:*:*:*:${lab.password('antemortem')}\n`, { mode: 0o600 })
  const { port } = lab.node('reports')
  const url = `postgres://antemortem@127.0.0.1:${port}/auth?passfile=${passfile}`
  const { config } = await init(url)
  expect(config.clusters.auth.nodes).toEqual({ primary: { url } })
  expect(config.missing).toMatchObject([{ node: 'publisher', variable: 'AUTH_PUBLISHER_URL' }])
  expect((await checked()).code).toBe(0)
})
