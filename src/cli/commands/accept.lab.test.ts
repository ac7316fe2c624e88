import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { readAccepted } from '../../shapes/accepted.ts'
import { openStore } from '../../store/open.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from '../testing/fake-io.ts'

let lab: Lab
let dir: string

beforeEach(async () => {
  lab = await testLab()
  dir = mkdtempSync(join(tmpdir(), 'accept-'))
  for (const { name } of lab.nodes) vi.stubEnv(name.toUpperCase(), lab.url(name, 'watch'))
  settings(lab.password('app'))
  writeFileSync(
    join(dir, 'antemortem.yaml'),
    `clusters:
  auth:
    engine: postgres
    nodes: { primary: { url: "env:PRIMARY" }, standby: { url: "env:STANDBY" }, reports: { url: "env:REPORTS" } }
    contracts: { login: { settings: app.env, node: primary, within_ms: 5s } }
`,
  )
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

function settings(password: string): void {
  const { port } = lab.node('primary')
  const text = `DB_HOST=127.0.0.1\nDB_PORT=${port}\nDB_NAME=auth\nDB_USER=app\nDB_PASSWORD=${password}\n`
  writeFileSync(join(dir, 'app.env'), text)
}

async function cli(...argv: readonly string[]) {
  const io = fakeIo({ cwd: dir, env: { PRIMARY: 'x', STANDBY: 'x', REPORTS: 'x' } })
  const code = await run(argv, commands, io)
  return { code, ...io.printed }
}

async function kept() {
  const store = await openStore(`sqlite:${join(dir, 'antemortem.db')}`, { clock: Date.now })
  try {
    return readAccepted((await store.lastGood('auth'))?.fingerprint)
  } finally {
    await store.close()
  }
}

test('the present settings of every node and file are kept, and no secret', async () => {
  await lab.rows('primary', "alter system set work_mem = '7MB'")
  await lab.rows('primary', 'select pg_reload_conf()')
  const { code, out, err } = await cli('accept', '--format', 'json')
  expect([code, err]).toEqual([0, ''])
  expect(JSON.parse(out)).toMatchObject({
    accepted: [
      { cluster: 'auth', nodes: ['primary', 'standby', 'reports'], files: [expect.stringContaining('app.env')] },
    ],
  })
  const good = await kept()
  expect(good?.fact.by).toBe('accept')
  expect(good?.fact.nodes.map(({ node, settings }) => [node, settings?.['work_mem']])).toEqual([
    ['primary', '7168'],
    ['standby', expect.not.stringContaining('7168')],
    ['reports', expect.not.stringContaining('7168')],
  ])
  expect(Object.values(good?.files ?? {})[0]).toMatchObject({ DB_HOST: '127.0.0.1', DB_USER: 'app' })
  expect(JSON.stringify(good)).not.toContain(lab.password('app'))
})

test('while a contract fails nothing is good, unless a person insists', async () => {
  settings('wrong')
  const refused = await cli('accept')
  expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(/^refused .*\n {2}login:app → primary: auth: /) })
  expect(await kept()).toBeNull()
  expect((await cli('accept', '--force')).code).toBe(0)
  expect(await kept()).not.toBeNull()
})

test('where a node is not seen nothing is accepted', { timeout: 60_000 }, async () => {
  await lab.stop('standby', 'fast')
  expect(await cli('accept')).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringContaining('not every node of auth'),
  })
  expect(await kept()).toBeNull()
  expect(await cli('accept', '--cluster', 'auht')).toMatchObject({
    code: 2,
    err: expect.stringContaining("did you mean 'auth'?"),
  })
})
