/** What is wrong around the program, on real parts: nothing harmful, nothing silent, and what to do is said. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { commands } from '../src/cli/registry.ts'
import { run } from '../src/cli/run.ts'
import { fakeIo } from '../src/cli/testing/fake-io.ts'
import { openNode, openSession, readAddress } from '../src/engines/postgres/index.ts'
import { hasSshd, startSshd } from '../src/hosts/testing/sshd.ts'
import type { Lab } from '../src/lab/lab.ts'
import { testLab } from '../src/lab/testing.ts'
import { Proxy } from '../src/lab/proxy/proxy.ts'
import { checkReportShape } from '../src/shapes/check.ts'
import { hasPgbouncer, startPgbouncer } from './pgbouncer.ts'

let lab: Lab
let dir: string

beforeEach(async () => {
  lab = await testLab()
  dir = mkdtempSync(join(tmpdir(), 'faults-'))
  // Files of ours are read by servers and programs of somebody else.
  chmodSync(dir, 0o711)
  configure()
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const write = (name: string, text: string): void => writeFileSync(join(dir, name), text)

/** The lab's nodes, or some under other addresses or with a host; and its application. */
function configure({
  urls = {},
  hosts = {},
  routes = {},
  more = '',
}: {
  readonly urls?: Readonly<Record<string, string>>
  readonly hosts?: Readonly<Record<string, string>>
  readonly routes?: Readonly<Record<string, string>>
  readonly more?: string
} = {}): void {
  const nodes = { ...Object.fromEntries(lab.nodes.map(({ name }) => [name, lab.url(name, 'watch')])), ...urls }
  const lines = Object.entries(nodes).map(([name, url]) => {
    write(`${name}.url`, `${url}\n`)
    const host = hosts[name] === undefined ? '' : `, host: ${hosts[name]}`
    return `      ${name}: { url: "file:${join(dir, `${name}.url`)}"${host} }\n`
  })
  const route = (node: string): string => routes[node] ?? lab.url(node, 'app')
  write(
    'app.env',
    `DATABASE_URL=${route('primary')}\nREAD_STANDBY_URL=${route('standby')}\nREAD_REPORTS_URL=${route('reports')}\n`,
  )
  write(
    'antemortem.yaml',
    `clusters:
  auth:
    engine: postgres
    nodes:
${lines.join('')}    contracts:
      login:
        settings: app.env
        node: primary
        reads: { standby: "#READ_STANDBY_URL", reports: "#READ_REPORTS_URL" }
        canary: "select id, md5(password_hash) from users where id in (1, 500, 900)"
        within_ms: 5s
${more}`,
  )
}

/** The program, within this process. */
async function antemortem(...args: readonly string[]) {
  const io = fakeIo({ cwd: dir })
  const code = await run(args, commands, io)
  return { code, ...io.printed }
}

const eventShape = z.looseObject({
  type: z.string(),
  finding: z.object({ check: z.string(), node: z.string().optional(), message: z.string() }).optional(),
  change: z.looseObject({ object: z.string() }).optional(),
})
async function watched(time: string) {
  const { code, out, err } = await antemortem('watch', '--for', time, '--format', 'json')
  const events = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => eventShape.parse(JSON.parse(line)))
  return {
    code,
    err,
    events,
    words: out,
    opened: events.flatMap(({ type, finding }) =>
      type === 'finding.opened' && finding ? [`${finding.check} ${finding.node ?? ''}`] : [],
    ),
    changes: events.flatMap(({ change }) => (change ? [change.object] : [])),
  }
}

const contractShape = z.object({
  contracts: z.array(
    z.object({
      node: z.string(),
      layer: z.string().nullable(),
      message: z.string().nullable(),
      remedy: z.string().nullable(),
    }),
  ),
})
async function contractTest() {
  const { code, out, err } = await antemortem('contract', 'test', '--format', 'json')
  const contracts = out === '' ? [] : contractShape.parse(JSON.parse(out)).contracts
  return { code, err, contracts, layers: contracts.map(({ node, layer }) => `${node} ${layer ?? 'ok'}`) }
}

/** What the last one left in the session that all share. */
async function leftBehind(url: string): Promise<unknown> {
  const limits = { signal: AbortSignal.timeout(10_000), deadlineMs: 5_000 }
  const opened = await openSession(readAddress(url), { applicationName: 'next', ...limits })
  if (!opened.ok) return opened.failure
  const text = `select current_setting('default_transaction_read_only') as read_only, current_setting('statement_timeout') as timeout,
    current_setting('search_path') as path, current_setting('row_security') as row_security`
  const answer = await opened.session.run({ text }, limits)
  await opened.session.close()
  return answer.ok ? answer.rows : answer.failure
}
const untouched = [{ read_only: 'off', timeout: '0', path: '"$user", public', row_security: 'on' }]

describe.skipIf(!hasPgbouncer)('a pooler', () => {
  test.each(['transaction', 'session'] as const)(
    'as the address of a node is told as one, and nothing is left in its %s',
    async (mode) => {
      // Newer ones take the options of a session, and throw them away.
      const settings = { ignore_startup_parameters: 'options' }
      await using pooler = await startPgbouncer({ lab, node: 'primary', mode, roles: ['antemortem'], settings })
      const url = pooler.through(lab.url('primary', 'watch'))
      const alone = await antemortem('check', url)
      expect(alone.code).toBe(3)
      expect(alone.out).toContain('a pooler answers here')
      expect(alone.out).toMatch(/point the url of this node at the server itself/)
      configure({ urls: { primary: url } })
      const events = await watched('2s')
      expect(events.opened).toContain('connections/reachable primary')
      expect(events.words).toContain('a pooler answers here')
      expect(await leftBehind(url)).toEqual(untouched)
    },
  )

  test.each(['transaction', 'session'] as const)(
    'on the way of the application is the way of its contract, in %s mode as it is installed',
    async (mode) => {
      await using pooler = await startPgbouncer({ lab, node: 'primary', mode, roles: ['app'] })
      const url = pooler.through(lab.url('primary', 'app'))
      configure({ routes: { primary: url } })
      expect(await contractTest()).toMatchObject({ code: 0, layers: ['primary ok', 'standby ok', 'reports ok'] })
      const { opened } = await watched('1s')
      expect(opened.filter((each) => each.startsWith('connections/'))).toEqual([])
      expect(await leftBehind(url)).toEqual(untouched)
    },
  )

  test('before a server that is away is told as slow or away, and what to look at', async () => {
    const settings = { server_connect_timeout: '1', query_wait_timeout: '2' }
    await using pooler = await startPgbouncer({
      lab,
      node: 'primary',
      mode: 'transaction',
      roles: ['app'],
      serverPort: 1,
      settings,
    })
    configure({ routes: { primary: pooler.through(lab.url('primary', 'app')) } })
    const { code, contracts, layers } = await contractTest()
    expect(code).toBe(1)
    expect(layers).toEqual(['primary capacity', 'standby ok', 'reports ok'])
    expect(contracts[0]?.remedy).toContain('where a pooler is between, ask its SHOW POOLS')
  })
})

test('timeouts of a millisecond on every server end the sessions of others, and hide nothing from us', async () => {
  const timeouts = ['statement_timeout', 'lock_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout']
  for (const { name } of lab.nodes) {
    lab.setConf(name, Object.fromEntries(timeouts.map((timeout) => [timeout, '1ms'])))
    lab.reload(name)
  }
  const { code, out } = await antemortem('check', '--format', 'json')
  const [cluster] = checkReportShape.parse(JSON.parse(out)).clusters
  expect(cluster?.nodes.map(({ role }) => role)).toEqual(['primary', 'standby', 'subscriber'])
  expect(cluster?.results.flatMap(({ blind }) => blind.filter(({ node }) => node !== 'auth'))).toEqual([])
  expect([0, 1]).toContain(code)
  // What we set for ourselves is not what the server has: nobody has locked it, and all nodes are alike.
  const found = new Set(cluster?.findings.map(({ check }) => check))
  expect([...found].filter((check) => !/^connections\/(?:auth|contract)$|durability|sequence/.test(check))).toEqual([])
  const tested = await contractTest()
  expect(tested.code).toBe(1)
  expect(tested.layers).toEqual(['primary role', 'standby role', 'reports role'])
  for (const { remedy } of tested.contracts) expect(remedy).toMatch(/(?:statement|session)_timeout.* of app/)
  expect((await watched('1s')).opened.filter((opened) => /availability|reachable|drift/.test(opened))).toEqual([])
})

describe.skipIf(!hasSshd)('another service', () => {
  test('at the other end is told as one', async () => {
    await using sshd = await startSshd()
    const port = /port (\d+)/.exec(sshd.log())?.[1] ?? ''
    const { code, out } = await antemortem('check', `postgres://antemortem@127.0.0.1:${port}/auth`)
    expect(code).toBe(3)
    expect(out).toContain('what answers on this port does not speak the PostgreSQL protocol')
    expect(out).toContain('correct the port: what answers there is not PostgreSQL')
    configure({ routes: { primary: `postgres://app@127.0.0.1:${port}/auth` } })
    expect(await contractTest()).toMatchObject({ code: 1, layers: ['primary tcp', 'standby ok', 'reports ok'] })
  })
})

describe('a server that takes two seconds for an answer', () => {
  let proxy: Proxy
  let slow: string
  beforeEach(async () => {
    proxy = await Proxy.open(lab.node('primary').port)
    slow = lab.url('primary', 'watch').replace(/(?<=127\.0\.0\.1:)\d+/, String(proxy.port))
    configure({ urls: { primary: slow } })
  })
  afterEach(async () => proxy.close())

  test('is told by a single look as one that does not answer, and the others are looked at', async () => {
    await proxy.set({ is: 'delay', ms: 1000 })
    const startedAt = performance.now()
    const { code, out } = await antemortem('check')
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(out).toMatch(/primary +not seen +no answer for/)
    expect(out).toMatch(/standby +standby/)
    expect(out).toContain('look at the load of the server and its host')
    expect(code).toBe(1)
  })

  test('becomes so while it is watched, and is watched on: late is not gone', async () => {
    const late = setTimeout(() => void proxy.set({ is: 'delay', ms: 1000 }), 3_000)
    const { code, events } = await watched('12s')
    clearTimeout(late)
    // Until it is known to be slow it may be silent.
    const open = new Set<string>()
    for (const { type, finding } of events)
      if (finding?.node === 'primary') open[type === 'finding.opened' ? 'add' : 'delete'](finding.check)
    expect([...open].filter((check) => !check.startsWith('configuration/'))).toEqual([])
    expect(code).toBe(0)
  })

  test('is connected to, when it has accepted in time', async () => {
    await proxy.set({ is: 'delay', ms: 100 })
    const signal = AbortSignal.timeout(20_000)
    const link = await openNode({ name: 'primary', url: slow, signal, deadlineMs: 150, answerMs: 10_000 })
    expect(link.lastAttempt).toBeNull()
    const reached = await link.reach(signal)
    await link.close()
    expect(reached.ok).toBe(true)
  })
})

describe('a server under two names', () => {
  test('is told once, is no split brain, and nothing on it is counted twice', async () => {
    const rule = `    checks: { few: { sql: "select count(*) from users", expect: 1, on: [primary, writer] } }\n`
    configure({ urls: { writer: lab.url('primary', 'watch') }, more: rule })
    const { out } = await antemortem('check', '--format', 'json')
    const [cluster] = checkReportShape.parse(JSON.parse(out)).clusters
    const perCheck = cluster?.results.flatMap(({ found }) => found.map(({ check, subject }) => `${check} ${subject}`))
    expect(perCheck?.filter((each) => each.startsWith('custom/few'))).toHaveLength(1)
    expect(perCheck?.filter((each) => /writer|split-brain/.test(each))).toEqual([])
    expect((await antemortem('check')).out).toContain(
      'writer: it is the same server as primary, under another name: what is seen there is not counted again',
    )
    expect((await antemortem('accept')).code).toBe(0)

    const changed = setTimeout(() => void lab.rows('primary', 'create table made_here (id int)'), 2_000)
    const { events, changes, opened } = await watched('5s')
    clearTimeout(changed)
    expect(events.filter(({ type }) => type === 'check.blind')).toMatchObject([
      {
        unchecked: {
          node: 'writer',
          why: 'named-twice',
          remedy: expect.stringContaining('take one of the two names out'),
        },
      },
    ])
    expect(changes).toEqual(['primary:public.made_here'])
    expect(opened.filter((each) => /writer|split-brain/.test(each))).toEqual([])
  })
})
