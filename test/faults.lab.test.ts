/** What is wrong around the program, on real parts: nothing harmful, nothing silent, and what to do is said. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { commands } from '../src/cli/registry.ts'
import { run } from '../src/cli/run.ts'
import { fakeIo } from '../src/cli/testing/fake-io.ts'
import { withActor } from '../src/engines/postgres/act/actor.ts'
import { openNode, openSession, readAddress } from '../src/engines/postgres/index.ts'
import { hasSshd, startSshd } from '../src/hosts/testing/sshd.ts'
import type { Lab } from '../src/lab/lab.ts'
import { serverOwner } from '../src/lab/owner.ts'
import { testLab } from '../src/lab/testing.ts'
import { Proxy } from '../src/lab/proxy/proxy.ts'
import { checkReportShape } from '../src/shapes/check.ts'
import { Session } from '../src/lab/sql.ts'
import { hasFaketime, hasOldServer, oldServer, startAhead, startOwnServer } from './own-server.ts'
import { hasPgbouncer, startPgbouncer } from './pgbouncer.ts'

let lab: Lab
let dir: string
/** A reset takes half a second, and most tests change nothing on its servers. */
let isChanged = true

beforeEach(async () => {
  if (isChanged) lab = await testLab()
  isChanged = false
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
      const events = await watched('1s')
      expect(events.opened).toContain('connections/reachable primary')
      expect(events.words).toContain('a pooler answers here')
      const diagnosis = await antemortem('diagnose')
      expect(diagnosis.out).toMatch(/^primary could not be read/)
      expect(diagnosis.out).toContain('point the url of this node at the server itself')
      expect(diagnosis.out).toMatch(/ruled out +Server down/)
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

  test('as the address of the acting role is refused before anything is done', async () => {
    const settings = { ignore_startup_parameters: 'options' }
    await using pooler = await startPgbouncer({ lab, node: 'primary', mode: 'transaction', roles: ['app'], settings })
    const url = pooler.through(lab.url('primary', 'app'))
    const options = { signal: AbortSignal.timeout(10_000), deadlineMs: 8_000, about: 'a test' }
    const acting = withActor('primary', url, options, async (actor) => actor.run({ text: 'select 1' }))
    await expect(acting).rejects.toMatchObject({
      message: expect.stringContaining('a pooler answers here'),
      hint: expect.stringContaining('point the url of this node at the server itself'),
    })
    expect(await leftBehind(url)).toEqual(untouched)
  })

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
  isChanged = true
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
    const late = setTimeout(() => void proxy.set({ is: 'delay', ms: 1000 }), 1_500)
    const { code, events } = await watched('8s')
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
    isChanged = true
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

    const changed = setTimeout(() => void lab.rows('primary', 'create table made_here (id int)'), 1_500)
    const { events, changes, opened } = await watched('4s')
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

describe.skipIf(!hasOldServer)('PostgreSQL 12', () => {
  test('is refused by its version, is told which would do, and the others are watched', async () => {
    await using old = await startOwnServer(oldServer)
    const url = `postgres://antemortem@127.0.0.1:${old.port}/postgres`
    const { code, out } = await antemortem('check', url)
    expect(code).toBe(3)
    expect(out).toMatch(/PostgreSQL 12\.\d+ is older than 13/)
    expect(out).toContain('use PostgreSQL 13 to 18')
    configure({ urls: { primary: url } })
    const { events, opened, words } = await watched('1s')
    expect(events.map(({ type }) => type)).toContain('watch.started')
    expect(opened).toContain('connections/reachable primary')
    expect(words).toMatch(/PostgreSQL 12\.\d+ is older than 13/)
    const diagnosis = await antemortem('diagnose')
    expect(diagnosis.out).toMatch(/^primary could not be read/)
    expect(diagnosis.out).toContain('use PostgreSQL 13 to 18')
  })
})

describe('ten thousand tables', () => {
  test('hold up neither a single look nor the watching, and one more is seen', async () => {
    isChanged = true
    await lab.rows('reports', 'create database many')
    const many = (url: string): string => url.replace(/\/auth$/, '/many')
    await Session.use(many(lab.url('reports', 'admin')), async (session) => {
      await session.rows('set synchronous_commit = off')
      // In one transaction its locks would not have room.
      await session.rows(`do $$ begin
        for i in 1..10000 loop
          execute format('create table t%s (id int)', i);
          if i % 1000 = 0 then commit; end if;
        end loop; end $$`)
    })
    write('many.url', many(lab.url('reports', 'watch')))
    const node = `many: { url: "file:${join(dir, 'many.url')}" }`
    write('antemortem.yaml', `clusters: { many: { engine: postgres, nodes: { ${node} } } }\n`)
    const startedAt = performance.now()
    const { out } = await antemortem('check', '--format', 'json')
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    const [cluster] = checkReportShape.parse(JSON.parse(out)).clusters
    const late = cluster?.results.flatMap(({ blind }) => blind.filter(({ why }) => why === 'timed-out'))
    expect(late).toEqual([])

    let made: Promise<unknown> = Promise.resolve()
    // After its first description, on a busy machine as well.
    setTimeout(() => {
      made = Session.use(many(lab.url('reports', 'admin')), async (to) => to.rows('create table late (id int)'))
    }, 6_000)
    const { opened, changes } = await watched('14s')
    await made
    expect(changes).toEqual(['many:public.late'])
    expect(opened.filter((each) => /reachable|lost/.test(each))).toEqual([])
    expect((await antemortem('status')).out).toMatch(/many +primary/)
  })
})

describe.skipIf(!hasFaketime)('a clock that is half a minute ahead', () => {
  test('is told as one, and no lag or loss is made of it', async () => {
    isChanged = true
    await lab.stop('standby', 'fast')
    await startAhead(lab.node('standby'), 31)
    await expect.poll(async () => lab.rows('standby', 'select 1').catch(() => []), { timeout: 10_000 }).toHaveLength(1)
    await lab.caughtUp()
    const { code, out } = await antemortem('check', '--only', 'configuration/clock-skew')
    expect(code).toBe(1)
    expect(out).toMatch(/the clock of standby is 31\.\d s ahead of ours/)
    expect(out).toContain('timedatectl')
    const { opened, words } = await watched('3s')
    expect(opened).toContain('configuration/clock-skew standby')
    expect(opened.filter((each) => /lost|connected|availability|contract/.test(each))).toEqual([])
    expect(words).not.toContain('incident.opened')
    expect((await antemortem('diagnose')).code).toBe(0)
  })
})

describe('a settings file', () => {
  let good: string
  const file = (): string => join(dir, 'app.env')
  const replaced = (then: () => void) => (): void => {
    rmSync(file(), { recursive: true, force: true })
    then()
  }
  beforeEach(() => {
    good = readFileSync(file(), 'utf8')
  })

  test.each<readonly [string, 1 | 2, RegExp, () => void]>([
    ['is binary', 1, /app\.env is no text/, () => writeFileSync(file(), Buffer.from([0, 1, 2, 255, 0]))],
    ['is a loop of links', 1, /ELOOP/, () => symlinkSync(file(), file())],
    ['is a directory', 1, /app\.env is no file/, () => mkdirSync(file())],
    ['is a pipe', 1, /app\.env is no file/, () => execFileSync('mkfifo', [file()])],
    ['is a device', 1, /app\.env is no file/, () => symlinkSync('/dev/zero', file())],
    ['is gone', 1, /ENOENT/, () => undefined],
    ['is empty', 2, /app\.env: /, () => writeFileSync(file(), '')],
    [
      'ends in the middle',
      2,
      /app\.env: has no READ_STANDBY_URL/,
      () => writeFileSync(file(), good.slice(0, good.indexOf('READ_'))),
    ],
  ])('that %s is told by contract test with its name, exit %d', async (_, exit, words, then) => {
    replaced(then)()
    const { code, out, err } = await antemortem('contract', 'test')
    expect(out + err).toMatch(words)
    expect(out + err).toContain('app.env')
    expect(code).toBe(exit)
  })

  test('that is spoiled while it is watched is told, is no change, and is well again when it is', async () => {
    const spoil = setTimeout(
      replaced(() => symlinkSync(file(), file())),
      500,
    )
    const mend = setTimeout(
      replaced(() => writeFileSync(file(), good)),
      2_500,
    )
    const { code, opened, changes, words, events } = await watched('5s')
    clearTimeout(spoil)
    clearTimeout(mend)
    expect(opened).toContain('connections/contract primary')
    expect(words).toMatch(/Make \S+app\.env readable again: ELOOP/)
    expect(changes).toEqual([])
    expect(events.filter(({ type }) => type === 'finding.closed')).toMatchObject(
      Array.from({ length: 3 }, () => ({ finding: { check: 'connections/contract' } })),
    )
    expect([0, 1]).toContain(code)
  })

  test('that is written all the time is read when it stands still, and never by half', async () => {
    let n = 0
    // In place and in two steps, as an editor without a temporary file does it.
    const writer = setInterval(() => {
      const handle = openSync(file(), 'w')
      writeSync(handle, `# ${(n += 1)}\n${good.slice(0, 90)}`)
      writeSync(handle, good.slice(90))
      closeSync(handle)
    }, 20)
    const [tested, { opened, changes }] = [await contractTest(), await watched('2s')]
    clearInterval(writer)
    expect(n).toBeGreaterThan(20)
    expect(tested).toMatchObject({ code: 0, layers: ['primary ok', 'standby ok', 'reports ok'] })
    expect(changes).toEqual([])
    expect(opened.filter((each) => each.startsWith('connections/'))).toEqual([])
  })

  test.skipIf(serverOwner() === null)('that may not be read is told with what to grant', () => {
    chmodSync(file(), 0o600)
    chmodSync(dir, 0o755)
    const program = join(import.meta.dirname, '../bin/antemortem.js')
    const ran = spawnSync(process.execPath, [program, 'contract', 'test'], {
      ...serverOwner(),
      cwd: dir,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      encoding: 'utf8',
    })
    expect(ran.stdout).toContain('EACCES')
    expect(ran.stdout.replaceAll(/\s+/g, ' ')).toContain('Give this user read access to the file')
    expect([ran.status, ran.stderr]).toEqual([1, ''])
  })
})

/** As the server of a lab writes it, now. */
const panicked = (): string =>
  `${new Date().toISOString().replace('T', ' ').replace('Z', '')} UTC [1] XX000 PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device\n`

describe('a log', () => {
  let log: string
  let text: string
  beforeEach(() => {
    const { dataDir, logFile } = lab.node('primary')
    log = join(dir, 'server.log')
    text = readFileSync(logFile, 'utf8')
    writeFileSync(log, text)
    configure({ hosts: { primary: `{ local: true, data: "${dataDir}", log: "${log}" }` } })
  })

  test.each<readonly [string, RegExp, () => void]>([
    ['vanishes', /there is no log in \S+server\.log/, () => undefined],
    ['is a directory', /there is no log in \S+server\.log/, () => mkdirSync(log)],
    ['is a loop of links', /cannot read \S+server\.log: ELOOP/, () => symlinkSync(log, log)],
  ])('that %s is told by check, with what to look at', async (_, words, then) => {
    rmSync(log)
    then()
    expect((await antemortem('check')).out).toMatch(words)
  })

  test('that vanishes while it is watched is told once, and read again when it is back', async () => {
    const steps = [
      setTimeout(() => rmSync(log), 1_000),
      setTimeout(() => writeFileSync(log, text), 4_000),
      // As another server would write it: a line that is read is a line that is told.
      setTimeout(() => appendFileSync(log, panicked()), 5_500),
    ]
    const { events, words } = await watched('6s')
    steps.forEach(clearTimeout)
    const blind = events.filter(({ type }) => type === 'check.blind')
    expect(blind.map((event) => JSON.stringify(event['unchecked']))).toEqual(
      ['corruption-signature', 'new-after-change', 'panic-or-crash'].map((check) =>
        expect.stringMatching(new RegExp(`errors/${check}.*there is no .*server.log`)),
      ),
    )
    expect(words).toContain('errors/panic-or-crash')
  })

  test('that is replaced by another file under its name is read on', async () => {
    const steps = [
      setTimeout(() => {
        rmSync(log)
        writeFileSync(log, '')
      }, 1_000),
      setTimeout(() => appendFileSync(log, panicked()), 2_500),
    ]
    const { events, opened } = await watched('4s')
    steps.forEach(clearTimeout)
    expect(events.filter(({ type }) => type === 'check.blind')).toEqual([])
    expect(opened).toContain('errors/panic-or-crash primary')
  })
})
