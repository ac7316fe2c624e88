/** The program from outside, as a child process: what it says and how it ends when something is wrong around it. */
import { spawn, type ChildProcess } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer as httpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Lab } from '../src/lab/lab.ts'
import { testLab } from '../src/lab/testing.ts'

const bin = join(import.meta.dirname, '../bin/antemortem.js')

let lab: Lab
/** Where a program stands: its configuration, its store, the temporary files of its labs. */
let dir: string
let env: Record<string, string>
let secrets: readonly string[]
let watcher: ProcessList

beforeAll(() => {
  watcher = new ProcessList()
})

/** Of tests that only look, or do not even that: a reset takes half a second. */
const asItIs = /^(what is typed|is told with|a password in it|a variable|a bundle|check and diagnose|contract test)/

beforeEach(async ({ task }) => {
  lab = asItIs.test(task.name) && lab !== undefined ? lab : await testLab()
  dir = mkdtempSync(join(tmpdir(), 'wrong-'))
  // The servers of a lab run as nobody, who must pass.
  chmodSync(dir, 0o711)
  env = Object.fromEntries(lab.nodes.map(({ name }) => [name.toUpperCase(), lab.url(name, 'watch')]))
  secrets = ['antemortem', 'app', 'replicator', 'postgres'].map((role) => lab.password(role))
  watcher.forbid(dir, secrets)
  write('app.env', settings('app', lab.password('app')))
  write('antemortem.yaml', config)
})

afterEach(() => {
  // What a failed test has left running.
  for (const child of running) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

afterAll(() => watcher.stop())

const config = `clusters:
  auth:
    engine: postgres
    nodes:
      primary: { url: "env:PRIMARY" }
      standby: { url: "env:STANDBY" }
      reports: { url: "env:REPORTS" }
    contracts:
      login:
        settings: app.env
        node: primary
        reads: { standby: "#READ_STANDBY_URL", reports: "#READ_REPORTS_URL" }
        canary: "select id, md5(password_hash) from users where id in (1, 500, 900)"
        within_ms: 5s
`

const write = (name: string, text: string): void => writeFileSync(join(dir, name), text)

function settings(role: string, password: string): string {
  const url = (node: string): string => {
    const { host, port, database } = lab.node(node)
    return `postgres://${role}:${password}@${host}:${port}/${database}`
  }
  return `DATABASE_URL=${url('primary')}\nREAD_STANDBY_URL=${url('standby')}\nREAD_REPORTS_URL=${url('reports')}\n`
}

const running = new Set<ChildProcess>()
/** What no run may ever do; the last test looks at it. */
const leaks: string[] = []

/** One run of the program. */
interface Run {
  readonly child: ChildProcess
  readonly said: { out: string; err: string }
  readonly ended: Promise<{
    readonly code: number | null
    readonly signal: string | null
    readonly out: string
    readonly err: string
    readonly ms: number
  }>
}

function start(...args: readonly string[]): Run {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: dir,
    // Without the cache each test would compile the program anew: by itself it lies below TMPDIR.
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      TMPDIR: dir,
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  const ended: Run['ended'] = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      running.delete(child)
      const all = said.out + said.err
      if (secrets.some((secret) => all.includes(secret))) leaks.push(`antemortem ${args.join(' ')} printed a password`)
      // A stack is for bugs of ours alone.
      if (code !== 70 && /^\s+at .*(?:\.[jt]s|node:)/m.test(all)) leaks.push(`antemortem ${args.join(' ')}: ${all}`)
      resolve({ code, signal, ...said, ms: performance.now() - startedAt })
    })
  })
  return { child, said, ended }
}

const antemortem = async (...args: readonly string[]): Run['ended'] => start(...args).ended

async function until(what: () => boolean | Promise<boolean>, ms: number, words: () => string): Promise<void> {
  const end = performance.now() + ms
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${words()}`)
    await sleep(50)
  }
}

/** What `ps` would show of our programs and of what they have started, looked at all the time. Other labs have the same passwords. */
class ProcessList {
  looks = 0
  #dir = ''
  #secrets: readonly string[] = []
  readonly #timer = setInterval(() => this.#look(), 250)

  forbid(dir: string, secrets: readonly string[]): void {
    this.#dir = dir
    this.#secrets = secrets
  }

  #look(): void {
    this.looks += 1
    for (const pid of pids()) {
      const line = argumentsOf(pid)
      if (!this.#secrets.some((secret) => line.includes(secret))) continue
      if (line.includes(`${this.#dir}/`) || read(pid, 'environ').includes(`TMPDIR=${this.#dir}`))
        leaks.push(`a password stands in the command line: ${line}`)
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

const pids = (): readonly string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name))

const argumentsOf = (pid: string): string => read(pid, 'cmdline').replaceAll('\0', ' ')

function read(pid: string, what: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8')
  } catch {
    // Ended meanwhile.
    return ''
  }
}

function placeOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    // Ended meanwhile.
    return ''
  }
}

/** Processes that name our directory or work below it: servers, keepers, instances of the application. */
const left = (): readonly string[] =>
  pids().flatMap((pid) => {
    const line = argumentsOf(pid)
    return line.includes(`${dir}/`) || placeOf(pid).startsWith(`${dir}/`) ? [`${pid} ${line}`] : []
  })

const sessions = async (): Promise<readonly string[]> => {
  const of = await Promise.all(
    lab.nodes.map(async ({ name }) =>
      lab.rows(
        name,
        `select pid, application_name as name from pg_stat_activity where application_name like 'antemortem%'
          and application_name <> 'antemortem-lab'`,
      ),
    ),
  )
  return of.flat().map((row) => JSON.stringify(row))
}

/** Servers, keepers, sessions and directories of labs that are still there after ten seconds: nothing may be. */
async function whatIsLeft(): Promise<readonly string[]> {
  const end = performance.now() + 10_000
  for (;;) {
    const labs = readdirSync(dir).filter((name) => name.startsWith('antemortem-lab-'))
    const all = [...left(), ...labs, ...(await sessions())]
    if (all.length === 0 || performance.now() > end) return all
    await sleep(50)
  }
}

/** Some at once: two cores have better to do than to wait. */
async function inTurn<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items]
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

test('what is typed wrong is told with the nearest word, and exits with 2', async () => {
  write('change.sql', 'select 1;\n')
  write('empty.sql', '-- nothing\n')
  write('broken.sql', 'create tabel x ();\n')
  write('note.sql', '-- antemortem:on nowhere\nselect 1;\n')
  const cases: readonly (readonly [string, RegExp])[] = [
    ['nonsense', /unknown command 'nonsense'/],
    ['drill rnu', /unknown command 'drill rnu', did you mean 'drill run'\?/],
    ['check --nonsense', /check: unknown option '--nonsense'/],
    ['check --strct', /unknown option '--strct', did you mean '--strict'\?/],
    ['check --format xml', /--format/],
    ['check --only nope/*', /no check matches 'nope\/\*'/],
    ['check --cluster auht', /no cluster 'auht'; did you mean 'auth'\?/],
    ['check nonsense', /'nonsense' is no address of a database/],
    ['check postgres://u@h:0/d', /port that is no port/],
    ['check --config none.yaml', /none\.yaml: there is no such file/],
    ['watch --for soon', /--for soon: expected a duration/],
    ['diagnose auht', /no cluster 'auht'; did you mean 'auth'\?/],
    ['drill run', /no drill was named/],
    ['drill run 99', /no drill '99'/],
    ['drill run 0 --seed x', /--seed x: expected a number or a range A\.\.B/],
    ['coverage --fail-under x', /--fail-under x: expected a whole number/],
    ['lab down', /which lab\?/],
    ['gate rehearse empty.sql', /there is no statement in the change/],
    ['gate rehearse broken.sql', /broken\.sql:1: syntax error/],
    ['gate rehearse note.sql', /no node|nowhere/],
    ['mend fix', /no 'mend fix'/],
  ]
  const wrong: string[] = []
  await inTurn(cases, 4, async ([line, words]) => {
    const { code, out, err } = await antemortem(...line.split(' '))
    if (code !== 2 || out !== '' || !words.test(err))
      wrong.push(`${line}: exit ${code}, stdout "${out}", stderr "${err}"`)
  })
  expect(wrong).toEqual([])
  // What was refused has made nothing.
  expect(readdirSync(dir).filter((name) => name.endsWith('.db'))).toEqual([])
})

describe('a configuration that is wrong', () => {
  const cluster = (inside: string): string => `clusters:\n  a:\n    engine: postgres\n${inside}`
  const node = '    nodes: { p: { url: "env:PRIMARY" } }\n'
  const wrong: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'an unknown key',
      cluster('    noodes: {}\n'),
      '4:5',
      /clusters\.a\.noodes: unknown key 'noodes', did you mean 'nodes'\?/,
    ],
    ['a key in another part', cluster(`${node}    url: x\n`), '5:5', /clusters\.a\.url: unknown key 'url'/],
    ['a key of a later version', `${cluster(node)}notify: []\n`, '5:1', /'notify' is not in this version yet/],
    [
      'another engine',
      'clusters: { a: { engine: mysql, nodes: { p: { url: "env:P" } } } }\n',
      '1:26',
      /expected 'postgres'/,
    ],
    ['no node', cluster('    nodes: {}\n'), '4:12', /names no node/],
    ['no address', cluster('    nodes: { p: { url: "" } }\n'), '4:24', /clusters\.a\.nodes\.p\.url/],
    ['a name with a colon', cluster('    nodes: { "p:q": { url: "env:P" } }\n'), '4:14', /a name has letters/],
    [
      'a contract of a node that is not there',
      cluster(`${node}    contracts: { login: { settings: app.env, node: pp } }\n`),
      '5:52',
      /no node 'pp'; did you mean 'p'\?/,
    ],
    [
      'a duration that is none',
      cluster(`${node}    contracts: { login: { settings: app.env, node: p, within_ms: soon } }\n`),
      '5:66',
      /within_ms: expected a duration/,
    ],
    [
      'a limit of a check that is not there',
      `${cluster(node)}thresholds: { replication/lag-tmie: { lag: 5s } }\n`,
      '5:15',
      /unknown check 'replication\/lag-tmie', did you mean 'replication\/lag-time'\?/,
    ],
    ['a store that is not there yet', `${cluster(node)}store: "postgres://h/d"\n`, '5:8', /expected sqlite:PATH/],
    ['a key twice', cluster(`${node}${node}`), '5:5', /key 'nodes' stands here again/],
    ['no YAML', 'clusters: [\n', '2:1', /./],
    ['an empty file', '', '1:1', /is empty/],
    ['a file that is no text', 'clusters: \u0001\n', '1:11', /not a text file/],
  ]

  test('is told with file, line, column, the key and the nearest one that is known', async () => {
    const failed: string[] = []
    await inTurn(wrong, 4, async ([what, text, place, words]) => {
      const file = `${what.replaceAll(' ', '-')}.yaml`
      write(file, text)
      const { code, out, err } = await antemortem('check', '--config', file)
      if (code !== 2 || out !== '' || !err.includes(`${file}:${place}: `) || !words.test(err))
        failed.push(`${what}: exit ${code}, ${err}${out}`)
    })
    expect(failed).toEqual([])
  })

  test('a password in it is refused by its line, and printed nowhere', async () => {
    const secret = 'Zk9-not-for-eyes'
    write(
      'c.yaml',
      `# postgres://old:${secret}@h/db\n${cluster(`    nodes:\n      p: { url: "postgres://u:${secret}@h/db" }\n      q: { url: "host=h user=u password=${secret}" }\n`)}`,
    )
    await inTurn(['check', 'watch', 'diagnose', 'contract test', 'mend plan'], 3, async (command) => {
      const { code, out, err } = await antemortem(...command.split(' '), '--config', 'c.yaml')
      expect([code, out]).toEqual([2, ''])
      expect(err.match(/\bc\.yaml:\d+(?=:\d+: )/g) ?? [err]).toEqual(['c.yaml:1', 'c.yaml:6', 'c.yaml:7'])
      expect(err).toMatch(/write env:NAME, file:PATH or service=NAME/)
      expect(err).not.toContain(secret)
    })
  })

  test('a variable that is not set is told with its line', async () => {
    delete env['STANDBY']
    const { code, err } = await antemortem('check')
    expect(code).toBe(2)
    expect(err).toContain(
      'antemortem.yaml:6:23: clusters.auth.nodes.standby.url: the environment variable STANDBY is not set',
    )
  })
})

describe('a server that is none', () => {
  let servers: readonly Server[]
  let ports: Readonly<Record<'half' | 'reset' | 'http' | 'tls', number>>

  beforeEach(async () => {
    const swallow = (socket: { on(name: 'error', then: () => void): unknown }): unknown =>
      socket.on('error', () => undefined)
    const answering = (text: string): Server =>
      createServer((socket) => {
        swallow(socket)
        socket.once('data', () => socket.write(text))
      })
    const made = {
      half: createServer((socket) => void swallow(socket)),
      reset: createServer((socket) => {
        swallow(socket)
        socket.destroy()
      }),
      http: httpServer((_, response) => response.end('hello')),
      tls: answering('S'),
    }
    servers = Object.values(made)
    await Promise.all(
      servers.map(async (server) => new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))),
    )
    const port = (server: Server): number => (server.address() as AddressInfo).port
    ports = {
      half: port(made.half),
      reset: port(made.reset),
      http: port(made.http),
      tls: port(made.tls),
    }
  })
  afterEach(() => servers.forEach((server) => server.close()))

  test('check and diagnose say so within seconds, and exit with 3', async () => {
    const all: readonly (readonly [string, number, RegExp])[] = [
      ['nobody listens', 1, /ECONNREFUSED/],
      ['hangs up', ports.reset, /ECONNRESET|terminated/],
      ['speaks HTTP', ports.http, /does not speak the PostgreSQL protocol/],
      ['accepts and never answers', ports.half, /no answer/],
      ['falls silent before TLS', ports.tls, /no answer/],
    ]
    const wrong: string[] = []
    await inTurn(all, 6, async ([words, port, expected]) => {
      const address = `postgres://x@127.0.0.1:${port}/db`
      write(`${port}.yaml`, `clusters: { a: { engine: postgres, nodes: { p: { url: "${address}" } } } }\n`)
      const [checked, diagnosed] = await Promise.all([
        antemortem('check', address),
        antemortem('diagnose', '--config', `${port}.yaml`),
      ])
      if (checked.code !== 3 || diagnosed.code !== 3 || !expected.test(checked.out))
        wrong.push(`${words}: exits ${checked.code} and ${diagnosed.code}: ${checked.out}`)
      if (Math.max(checked.ms, diagnosed.ms) > 30_000) wrong.push(`${words}: ${checked.ms} and ${diagnosed.ms} ms`)
    })
    expect(wrong).toEqual([])
  })

  test('contract test names the layer at which it ends', async () => {
    const from = (port: number): string => `postgres://app:x@127.0.0.1:${port}/auth`
    write(
      'app.env',
      `DATABASE_URL=${from(1)}\nREAD_STANDBY_URL=${from(ports.half)}\nREAD_REPORTS_URL=${from(ports.http)}\nDB_CONNECT_TIMEOUT_MS=1000\n`,
    )
    const { code, out } = await antemortem('contract', 'test', '--format', 'json')
    expect(contractsIn(out)).toEqual(['primary tcp', 'standby latency', 'reports tcp'])
    expect(code).toBe(1)
  })

  test('watch starts beside it: the node is a finding, and the others are watched', async () => {
    env['REPORTS'] = `postgres://antemortem@127.0.0.1:${ports.half}/auth`
    const { code, out } = await antemortem('watch', '--for', '2s', '--format', 'json')
    const events = eventsIn(out)
    expect(events.map(({ type }) => type)).toContain('watch.started')
    expect(opened(events)).toContain('connections/reachable reports')
    expect(code).toBe(0)
  })
})

const contractShape = z.object({
  contracts: z.array(z.object({ node: z.string(), layer: z.string().nullable(), remedy: z.string().nullable() })),
})
const contractsIn = (out: string): readonly string[] =>
  contractShape.parse(JSON.parse(out)).contracts.map(({ node, layer }) => `${node} ${layer ?? 'ok'}`)

const eventShape = z.looseObject({
  seq: z.number(),
  type: z.string(),
  incident: z.string().optional(),
  finding: z.object({ check: z.string(), node: z.string().optional() }).optional(),
})
type Event = z.output<typeof eventShape>
const eventsIn = (out: string): readonly Event[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => eventShape.parse(JSON.parse(line)))
const opened = (events: readonly Event[]): readonly string[] =>
  events.flatMap(({ type, finding }) =>
    type === 'finding.opened' && finding ? [`${finding.check} ${finding.node ?? ''}`] : [],
  )

describe('a role that may too little', () => {
  test('without pg_monitor it is told what to grant; only --strict makes that an exit of 3', async () => {
    for (const node of ['primary', 'reports']) await lab.rows(node, `create role blind login password 'blind-pw'`)
    await lab.caughtUp()
    for (const name of ['primary', 'standby', 'reports']) {
      const { host, port } = lab.node(name)
      env[name.toUpperCase()] = `postgres://blind:blind-pw@${host}:${port}/auth`
    }
    // A lab runs without fsync, and its check says so: that is not what is asked here.
    const only = ['--only', 'replication/*']
    const [lax, strict] = await Promise.all([
      antemortem('check', ...only, '--format', 'json'),
      antemortem('check', ...only, '--strict'),
    ])
    expect(lax.out).not.toContain('blind-pw')
    expect(lax.out).toContain('grant pg_monitor to \\"blind\\"')
    expect(strict.out).toContain('grant pg_monitor to "blind"')
    expect([lax.code, strict.code]).toEqual([0, 3])
  })

  test('what docs/reading-role.md grants is enough to see everything, and no more', async () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/reading-role.md'), 'utf8')
    const grants = /```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    const sql = grants.replaceAll(/\bantemortem\b/g, 'reader').replaceAll(/\bapp_owner\b/g, 'app')
    for (const node of ['primary', 'reports']) {
      await lab.rows(node, `${sql}; alter role reader password 'reader-pw'`)
      await lab.rows(node, 'create table made_later (id int)', [], 'app')
    }
    await lab.caughtUp()
    for (const name of ['primary', 'standby', 'reports']) {
      const { host, port } = lab.node(name)
      env[name.toUpperCase()] = `postgres://reader:reader-pw@${host}:${port}/auth`
    }
    const withHosts = ['primary', 'standby', 'reports'].reduce((text, name) => {
      const { dataDir, logFile } = lab.node(name)
      const url = `{ url: "env:${name.toUpperCase()}"`
      return text.replace(`${url} }`, `${url}, host: { local: true, data: ${dataDir}, log: ${logFile} } }`)
    }, config)
    write('antemortem.yaml', `${withHosts}        outcomes: "file:outcomes.ndjson"\n`)
    write('outcomes.ndjson', '')
    // A lab runs without fsync, and its check says so.
    const { code, out } = await antemortem('check', '--strict', '--fail-on', 'critical')
    expect(out).not.toContain('not seen')
    expect(code).toBe(0)
    const may = `select has_table_privilege('reader', 'made_later', 'select') as later, has_table_privilege('reader', 'made_later', 'insert') as writes,
      has_table_privilege('reader', 'pg_authid', 'select') as passwords, has_column_privilege('reader', 'pg_subscription', 'subconninfo', 'select') as connections,
      has_schema_privilege('reader', 'public', 'create') as makes, pg_has_role('reader', 'pg_read_all_data', 'usage') as everything`
    const only = { later: true, writes: false, passwords: false, connections: false, makes: false, everything: false }
    for (const node of ['primary', 'standby', 'reports']) expect(await lab.rows(node, may)).toEqual([only])
  })

  test('a login without SELECT fails at its role, and is told which grant', async () => {
    for (const node of ['primary', 'reports']) await lab.rows(node, `create role clerk login password 'clerk-pw'`)
    await lab.caughtUp()
    write('app.env', settings('clerk', 'clerk-pw'))
    const { code, out } = await antemortem('contract', 'test', '--format', 'json')
    expect(contractsIn(out)).toEqual(['primary role', 'standby role', 'reports role'])
    expect(out).toMatch(/grant/)
    expect(out).not.toContain('clerk-pw')
    expect(code).toBe(1)
  })
})

test('a bundle that is broken, huge, foreign or no file is refused with 2', async () => {
  write('cut.json', '{"format":1,"progr')
  write('text.json', 'hello')
  write('empty.json', '')
  write('list.json', '[1,2,3]')
  write('newer.json', '{"format":2}')
  write('hollow.json', '{"format":1}')
  write('deep.json', '['.repeat(200_000))
  write('huge.json', '{')
  truncateSync(join(dir, 'huge.json'), 300 * 1024 * 1024)
  const cases: readonly (readonly [string, RegExp])[] = [
    ['none.json', /there is no such file/],
    ['.', /directory|EISDIR/],
    ['cut.json', /ends in the middle/],
    ['text.json', /is not JSON/],
    ['empty.json', /ends in the middle|is not JSON/],
    ['list.json', /has no format number/],
    ['newer.json', /has bundle format 2, and this version reads format 1/],
    ['hollow.json', /hollow\.json: /],
    ['deep.json', /deep\.json/],
    ['huge.json', /larger than/],
    ['/dev/zero', /larger than/],
  ]
  const wrong: string[] = []
  await inTurn(cases, 3, async ([file, words]) => {
    const { code, out, err } = await antemortem('diagnose', '--from', file)
    if (code !== 2 || out !== '' || !words.test(err))
      wrong.push(`${file}: exit ${code}, stdout "${out}", stderr "${err}"`)
  })
  expect(wrong).toEqual([])
})

test('no password reaches the bundle, the store or the report', async () => {
  const diagnosed = await antemortem('diagnose', '--bundle', 'bundle.json', '--format', 'json')
  expect(diagnosed).toMatchObject({ code: 0, err: '' })
  const watched = await antemortem('watch', '--for', '1s', '--verbose')
  expect(watched.code).toBe(0)
  const files = readdirSync(dir).filter((name) => /^bundle|\.db/.test(name))
  expect(files).toContain('bundle.json')
  expect(files).toContain('antemortem.db')
  const texts = files.map((file) => readFileSync(join(dir, file)))
  expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([])
})

describe('watch', () => {
  /** The application says how its logins go, as in an outage: ten a second on each node. */
  let isDown = false
  let reporting: NodeJS.Timeout | undefined
  afterEach(() => clearInterval(reporting))
  const report = (): void => {
    const at = new Date().toISOString()
    const lines = lab.nodes.map(({ name }) => {
      const code = isDown && name === 'reports' ? 'ECONNREFUSED' : 'ok'
      return `${JSON.stringify({ at, instance: 'app', node: name, code })}\n`
    })
    appendFileSync(join(dir, 'outcomes.ndjson'), lines.join(''))
  }

  test('goes on when a node dies, and after kill -9; a second one is refused meanwhile', async () => {
    const reported = `${config}        outcomes: "file:outcomes.ndjson"\n`
    write('antemortem.yaml', reported)
    write('other.yaml', `${reported}store: "sqlite:other.db"\n`)
    reporting = setInterval(report, 100)
    const timed = start('watch', '--for', '16s', '--format', 'json', '--config', 'other.yaml')
    const first = start('watch', '--format', 'json')
    const events = (): readonly Event[] => eventsIn(first.said.out.slice(0, first.said.out.lastIndexOf('\n') + 1))
    const has = (type: string) => (): boolean => events().some((event) => event.type === type)
    await until(has('watch.started'), 15_000, () => first.said.err)
    await until(
      () => timed.said.out.includes('watch.started'),
      15_000,
      () => timed.said.err,
    )
    await lab.stop('reports', 'kill')
    isDown = true
    await until(
      () => opened(events()).includes('connections/reachable reports'),
      10_000,
      () => first.said.out,
    )
    await until(has('incident.opened'), 10_000, () => first.said.out)

    const second = await antemortem('watch', '--format', 'json')
    expect([second.code, second.out]).toEqual([3, ''])
    expect(second.err).toMatch(/another watch writes to the store .*antemortem\.db: .* process \d+/)

    first.child.kill('SIGKILL')
    await first.ended
    const last = events().at(-1)
    // The other one has a store of its own. Its time is over while the incident is open.
    const over = await timed.ended
    expect(eventsIn(over.out).map(({ type }) => type)).toContain('incident.opened')
    expect(eventsIn(over.out).at(-1)?.type).toBe('watch.stopped')
    expect(over.code).toBe(1)
    const third = start('watch', '--format', 'json')
    const later = (): readonly Event[] => eventsIn(third.said.out.slice(0, third.said.out.lastIndexOf('\n') + 1))
    await until(
      () => later().some(({ type }) => type === 'watch.started'),
      20_000,
      () => third.said.err,
    )
    await lab.start('reports')
    isDown = false
    await until(
      () => later().some(({ type }) => type === 'service.restored'),
      20_000,
      () => third.said.out,
    )
    third.child.kill('SIGTERM')
    const { code } = await third.ended
    expect(later().at(-1)?.type).toBe('watch.stopped')
    expect(code).toBe(0)
    // The same incident, told once; nothing is numbered twice.
    expect(later().filter(({ type }) => type === 'incident.opened')).toEqual([])
    expect(later().find(({ type }) => type === 'service.restored')?.incident).toBe('INC-1')
    expect(later()[0]?.seq).toBeGreaterThan(last?.seq ?? 0)
    expect(await whatIsLeft()).toEqual([])
  })
})

describe('interrupted', () => {
  const change = '-- antemortem:on primary, reports\ncreate table notes (id int primary key);\n'
  /** Commands that only look, and when they are through by themselves. */
  const looks: readonly (readonly [string, number])[] = [
    ['check', 3_000],
    ['watch', 4_000],
    ['diagnose', 3_500],
  ]

  test('what only looks ends at any moment, and leaves no session', async () => {
    const moments = looks.flatMap(([command, longest]) =>
      (['SIGINT', 'SIGTERM'] as const).map((name) => ({ name, command, ms: Math.random() * longest })),
    )
    const wrong: string[] = []
    await inTurn([...moments.entries()], 3, async ([n, { name, command, ms }]) => {
      write(`${n}.yaml`, `${config}store: "sqlite:${n}.db"\n`)
      const run = start(command, '--config', `${n}.yaml`)
      await Promise.race([sleep(ms), run.ended])
      run.child.kill(name)
      const askedAt = performance.now()
      const { code, signal, out, err } = await run.ended
      const words = `${command}, ${name} after ${ms.toFixed(0)} ms: exit ${code ?? signal ?? ''}, ${err}`
      // Through before it was asked: it has said all, and may have found something.
      const isThrough = command !== 'watch' && (code === 0 || code === 1) && out !== ''
      const hasStopped = command === 'watch' && name === 'SIGTERM' && code === 0
      // Asked before it could listen: the signal itself ends it.
      const isRight = signal === name || code === 130 || hasStopped || isThrough
      if (!isRight || err !== '') wrong.push(words)
      if (performance.now() - askedAt > 8_000) wrong.push(`${words} took seconds to end`)
    })
    expect(wrong).toEqual([])
    expect(await whatIsLeft()).toEqual([])
  })

  test('what has started servers takes them along, whatever ends it', async () => {
    write('change.sql', change)
    const wrong: string[] = []
    const moments = [
      { name: 'SIGINT', command: 'gate rehearse change.sql', ms: 1_500 + Math.random() * 3_000 },
      { name: 'SIGTERM', command: 'drill run 0', ms: 1_500 + Math.random() * 8_000 },
      { name: 'SIGKILL', command: 'drill run 0e', ms: 1_500 + Math.random() * 8_000 },
    ] as const
    await Promise.all(
      moments.map(async ({ name, command, ms }) => {
        const run = start(...command.split(' '))
        await sleep(ms)
        run.child.kill(name)
        const { code, signal, err } = await run.ended
        const isRight = name === 'SIGKILL' ? signal === 'SIGKILL' : code === 130
        if (!isRight || err !== '')
          wrong.push(`${command}, ${name} after ${ms.toFixed(0)} ms: exit ${code ?? signal ?? ''}, ${err}`)
      }),
    )
    expect(wrong).toEqual([])
    expect(await whatIsLeft()).toEqual([])
    // Nothing was proven.
    expect(existsSync(join(dir, 'antemortem.db'))).toBe(false)
  })
})

test('no run has printed a password or a stack, and no process had a password in its command line', () => {
  expect(watcher.looks).toBeGreaterThan(10)
  expect(leaks).toEqual([])
})
