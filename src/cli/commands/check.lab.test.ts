import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
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
  dir = mkdtempSync(join(tmpdir(), 'check-'))
  for (const { name } of lab.nodes) vi.stubEnv(name.toUpperCase(), lab.url(name, 'watch'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

const config = (more: string, root = ''): string => `clusters:
  auth:
    engine: postgres
    nodes:
      primary: { url: "env:PRIMARY" }
      standby: { url: "env:STANDBY" }
      reports: { url: "env:REPORTS" }
${more}${root}`

async function check(...rest: readonly string[]) {
  const io = fakeIo({ cwd: dir, env: { PRIMARY: 'x', STANDBY: 'x', REPORTS: 'x' } })
  const code = await run(['check', ...rest], commands, io)
  return { code, ...io.printed }
}

const urls = (): readonly string[] => lab.nodes.map(({ name }) => lab.url(name, 'watch'))

async function json(...rest: readonly string[]) {
  const { code, out, err } = await check('--format', 'json', ...rest)
  return { code, out, err, report: checkReportShape.parse(JSON.parse(out)) }
}

test('one URL tells of the standby and the subscriber, and which address each needs', async () => {
  const { report, out } = await json(lab.url('primary', 'watch'))
  expect(report.clusters[0]?.unnamed).toEqual([
    {
      role: 'standby',
      by: '127.0.0.1',
      name: 'standby',
      address: '127.0.0.1',
      slot: 'standby_slot',
      url: 'postgres://antemortem@127.0.0.1:PORT/auth',
    },
    {
      role: 'subscriber',
      by: '127.0.0.1',
      name: 'reports_sub',
      address: '127.0.0.1',
      slot: 'reports_sub',
      url: 'postgres://antemortem@127.0.0.1:PORT/DATABASE',
    },
  ])
  expect(out).not.toContain(lab.password('antemortem'))
  expect((await json(...urls())).report.clusters[0]?.unnamed).toEqual([])
  expect((await json(lab.url('standby', 'watch'))).report.clusters[0]?.unnamed).toMatchObject([
    { role: 'primary', url: `postgres://antemortem@127.0.0.1:${lab.node('primary').port}/auth` },
  ])
  expect((await json(lab.url('reports', 'watch'))).report.clusters[0]?.unnamed).toMatchObject([
    { role: 'publisher', slot: 'reports_sub' },
  ])
})

test('every form of one run is what it says', async () => {
  const forms = [
    ['text', /^cluster auth\n/],
    ['json', /^\{\n {2}"clusters": \[/],
    ['sarif', /^\{\n {2}"\$schema": .*\n {2}"version": "2.1.0"/],
    ['junit', /^<\?xml[^]*<\/testsuites>\n$/],
    ['markdown', /^## auth: /],
  ] as const
  for (const [format, form] of forms) {
    const { code, out, err } = await check(...urls(), '--format', format, '--fail-on', 'critical')
    expect([format, code, err]).toEqual([format, 0, ''])
    expect(out).toMatch(form)
    expect(out).not.toContain(lab.password('antemortem'))
  }
})

test("a team's own rule is asked at once, and can be muted until a day", async () => {
  const rule = `    checks:
      few-users: { sql: "select count(*) from users", expect: 7, on: [primary, reports] }
`
  writeFileSync(join(dir, 'antemortem.yaml'), config(rule))
  const first = await json('--only', 'custom/*')
  expect(first.code).toBe(1)
  expect(first.report.clusters[0]?.findings.map(({ subject, evidence }) => [subject, evidence['value']])).toEqual([
    ['primary:custom/few-users', '1000'],
    ['reports:custom/few-users', '1000'],
  ])
  const mutes = (until: string): string => `mutes:
  - { check: custom/few-users, owner: ann, reason: we grow, until: ${until} }
`
  writeFileSync(join(dir, 'antemortem.yaml'), config(rule, mutes('2999-01-01')))
  const muted = await json('--only', 'custom/*')
  expect([muted.code, muted.report.summary.muted, muted.report.summary.error]).toEqual([0, 2, 0])
  writeFileSync(join(dir, 'antemortem.yaml'), config(rule, mutes('2020-01-01')))
  const ended = await json('--only', 'custom/*')
  expect([ended.code, ended.report.ended_mutes?.[0]?.owner]).toEqual([1, 'ann'])
  expect((await check('--only', 'custom/*')).out).toContain(
    'warning   the mute of custom/few-users ended 2020-01-02 00:00 UTC: ask ann',
  )
  expect((await check('--list', '--only', 'custom/*')).out).toContain('custom/few-users')
  expect((await check('--explain', 'custom/few-users')).code).toBe(0)
})

test('a baseline: what was there does not count, what is new does, what is gone is told', async () => {
  const file = join(dir, 'baseline.json')
  const only = ['--only', 'connections/idle*', '--fail-on', 'info']
  const before = await json(...urls(), '--only', 'configuration/dangerous-durability')
  expect(before.code).toBe(1)
  writeFileSync(file, before.out)
  const after = await json(...urls(), '--only', 'configuration/dangerous-durability', '--baseline', file)
  expect([after.code, after.report.summary.known, after.report.summary.error]).toEqual([0, 3, 0])
  const other = await json(...urls(), ...only, '--baseline', file)
  expect([other.code, other.report.summary.resolved]).toEqual([0, 0])
  writeFileSync(file, '{"name":"something else"}')
  expect(await check(...urls(), '--baseline', file)).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('is no baseline'),
  })
})

test('an address where nobody answers is told, with what was learned of the others', async () => {
  const { code, report } = await json(lab.url('primary', 'watch'), 'postgres://antemortem@127.0.0.1:1/auth')
  expect(code).toBe(1)
  expect(report.clusters[0]?.nodes.map(({ role }) => role)).toEqual(['primary', null])
  expect((await check('postgres://antemortem@127.0.0.1:1/auth')).code).toBe(3)
  expect(await check('--list', '--format', 'sarif')).toMatchObject({ code: 2 })
  expect(await check('--only', 'replication/lag-tmie')).toMatchObject({
    code: 2,
    err: expect.stringContaining("did you mean 'replication/lag-time'?"),
  })
})

test('two databases of one server are two nodes, and neither hurts the other', async () => {
  await lab.rows('primary', 'create database other')
  const other = lab.url('primary', 'watch').replace(/\/auth$/, '/other')
  const { report } = await json(lab.url('primary', 'watch'), other)
  const { port } = lab.node('primary')
  expect(report.clusters[0]?.nodes.map(({ name, role }) => [name, role])).toEqual([
    [`127.0.0.1-${port}-auth`, 'primary'],
    [`127.0.0.1-${port}-other`, 'primary'],
  ])
  const grave = report.clusters[0]?.findings.filter(({ check: id }) => id !== 'configuration/dangerous-durability')
  expect(grave?.filter(({ severity }) => severity === 'critical' || severity === 'error')).toEqual([])
})

test('one URL with several hosts reaches the one that is wanted', async () => {
  const hosts = ['standby', 'primary'].map((name) => `127.0.0.1:${lab.node(name).port}`).join(',')
  const url = `${lab.url('primary', 'watch').replace(/@[^/]*/, `@${hosts}`)}?target_session_attrs=primary`
  expect((await json(url)).report.clusters[0]?.nodes).toMatchObject([{ role: 'primary' }])
})
