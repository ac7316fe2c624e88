/** The program from outside, as a child process: what it says and how it ends when something is wrong around it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { z } from 'zod'
import type { Lab } from '../../src/lab/lab.ts'
import { testLab } from '../../src/lab/testing.ts'

const bin = join(import.meta.dirname, '../../bin/antemortem.js')

export let lab: Lab
/** Where a program stands: its configuration, its store, the temporary files of its labs. */
export let dir: string
export let env: Record<string, string>
export let secrets: readonly string[]
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

export const config = `clusters:
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

export const write = (name: string, text: string): void => writeFileSync(join(dir, name), text)

export function settings(role: string, password: string): string {
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

export function start(...args: readonly string[]): Run {
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

export const antemortem = async (...args: readonly string[]): Run['ended'] => start(...args).ended

export async function until(what: () => boolean | Promise<boolean>, ms: number, words: () => string): Promise<void> {
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
export async function whatIsLeft(): Promise<readonly string[]> {
  const end = performance.now() + 10_000
  for (;;) {
    const labs = readdirSync(dir).filter((name) => name.startsWith('antemortem-lab-'))
    const all = [...left(), ...labs, ...(await sessions())]
    if (all.length === 0 || performance.now() > end) return all
    await sleep(50)
  }
}

/** Some at once: two cores have better to do than to wait. */
export async function inTurn<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items]
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

const contractShape = z.object({
  contracts: z.array(z.object({ node: z.string(), layer: z.string().nullable(), remedy: z.string().nullable() })),
})
export const contractsIn = (out: string): readonly string[] =>
  contractShape.parse(JSON.parse(out)).contracts.map(({ node, layer }) => `${node} ${layer ?? 'ok'}`)

const eventShape = z.looseObject({
  seq: z.number(),
  type: z.string(),
  incident: z.string().optional(),
  finding: z.object({ check: z.string(), node: z.string().optional() }).optional(),
})
export type Event = z.output<typeof eventShape>
export const eventsIn = (out: string): readonly Event[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => eventShape.parse(JSON.parse(line)))
export const opened = (events: readonly Event[]): readonly string[] =>
  events.flatMap(({ type, finding }) =>
    type === 'finding.opened' && finding ? [`${finding.check} ${finding.node ?? ''}`] : [],
  )

/** What runs of this file have given away, once enough was looked at: asked for at its end. */
export const leaked = (): readonly string[] =>
  watcher.looks > 10 ? leaks : ['the process list was hardly ever looked at', ...leaks]
