/** The program from outside, killed in the middle of its work. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { waitUntil } from '../../lab/wait.ts'
import { publishTable } from '../../rows/testing/pairs.ts'
import { verifyReportShape } from '../../shapes/verify.ts'
import { openStore } from '../../store/open.ts'

const bin = join(import.meta.dirname, '../../../bin/antemortem.js')
const rows = 200_000
/** On a machine with much else to do; alone each takes ten seconds. */
const longestMs = 180_000

let lab: Lab
let dir: string

beforeEach(async () => {
  lab = await testLab()
  dir = mkdtempSync(join(tmpdir(), 'resume-'))
  chmodSync(dir, 0o711)
  writeFileSync(
    join(dir, 'antemortem.yaml'),
    `clusters:
  auth:
    engine: postgres
    nodes: { primary: { url: "env:PRIMARY" }, reports: { url: "env:REPORTS" } }
    verify: { tables: ["public.big"], load: 0.05 }
store: "sqlite:verify.db"
`,
  )
  const filled = `insert into big select n, 'v' || n from generate_series(1, ${rows}) n`
  await publishTable(lab, 'big', ['create table big (id int primary key, v text)'], [filled])
  await lab.rows('primary', 'vacuum analyze big')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [bin, 'verify', '--format', 'json', ...args], {
    cwd: dir,
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      PRIMARY: lab.url('primary', 'watch'),
      REPORTS: lab.url('reports', 'watch'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code ?? -1))
  })
  return { child, said, ended }
}

const where = { cluster: 'auth', source: 'primary', target: 'reports', relation: 'public.big' }

/** What the store knows of the table: how many rows a later run need not look at. */
async function kept(): Promise<number> {
  const store = await openStore(`sqlite:${join(dir, 'verify.db')}`, { clock: Date.now })
  const found = await store.verified(where)
  await store.close()
  const state: unknown =
    typeof found?.body === 'object' && found.body !== null ? Reflect.get(found.body, 'state') : null
  return typeof state === 'object' && state !== null ? Number(Reflect.get(state, 'rows')) : 0
}

async function interrupt(signal: 'SIGKILL' | 'SIGINT') {
  const { child, said, ended } = start()
  await waitUntil('a part of the table is kept', async () => (await kept()) > 0, {
    // It gives way to a busy machine, again and again.
    timeoutMs: 60_000,
    everyMs: 50,
  })
  child.kill(signal)
  return { code: await ended, said, atMs: Date.now(), rows: await kept() }
}

async function again(...args: readonly string[]) {
  const startedMs = Date.now()
  const { said, ended } = start('--max-load', '1', ...args)
  const code = await ended
  const report = verifyReportShape.parse(JSON.parse(said.out))
  return { code, report, startedMs, table: report.pairs[0]?.tables[0] }
}

/** Behind replication's back. */
const tamper = async (id: number, value: string): Promise<unknown> =>
  lab.rows('reports', `set session_replication_role = replica; update big set v = '${value}' where id = ${id}`)

test(
  'killed in the middle, the next run goes on where it was, and a row that differed is looked at again',
  async () => {
    await tamper(7, 'mended meanwhile')
    await tamper(8, 'still wrong')
    const killed = await interrupt('SIGKILL')
    expect([killed.code, killed.said.out]).toEqual(['SIGKILL', ''])
    expect(killed.rows).toBeLessThan(rows)
    await tamper(7, 'v7')
    const { code, report, table } = await again()
    expect([code, report.verdict, report.coverage, table?.rows]).toEqual([1, 'divergent', 1, rows])
    expect(table?.differing.map(({ key }) => key)).toEqual([['8']])
    // What was compared before the kill was not compared again.
    expect(Date.parse(report.oldest_verified ?? '')).toBeLessThan(killed.atMs)
    const next = await again()
    expect(Date.parse(next.report.oldest_verified ?? '')).toBeGreaterThanOrEqual(next.startedMs)
  },
  longestMs,
)

test(
  'killed again and again, wherever it is, all that differs is found once, and every row is counted once',
  async () => {
    const wrong = [1, 19_999, 20_000, 20_001, 77_777, 150_000, rows]
    for (const id of wrong) await tamper(id, 'wrong')
    for (let n = 1; n <= 6; n += 1) {
      const { child, ended } = start('--max-load', '0.3')
      await sleep(400 + 350 * n)
      child.kill('SIGKILL')
      await ended
    }
    const { code, table } = await again()
    expect([code, table?.rows, table?.coverage]).toEqual([1, rows, 1])
    expect(table?.differing.map(({ key }) => Number(key[0])).sort((a, b) => a - b)).toEqual(wrong)
  },
  longestMs,
)

test(
  'with --fresh, and with another shape of the table, nothing of an earlier run is relied on',
  async () => {
    await interrupt('SIGKILL')
    const fresh = await again('--fresh')
    expect(fresh).toMatchObject({ code: 0, table: { rows, coverage: 1 } })
    expect(Date.parse(fresh.report.oldest_verified ?? '')).toBeGreaterThanOrEqual(fresh.startedMs)
    await interrupt('SIGKILL')
    for (const node of ['reports', 'primary']) await lab.rows(node, 'alter table big add column extra int')
    const reshaped = await again()
    expect(reshaped).toMatchObject({ code: 0, table: { rows, coverage: 1 } })
    expect(Date.parse(reshaped.report.oldest_verified ?? '')).toBeGreaterThanOrEqual(reshaped.startedMs)
  },
  longestMs,
)

test(
  'Ctrl-C prints what is known, keeps it, and is never green',
  async () => {
    const stopped = await interrupt('SIGINT')
    expect(stopped.code).toBe(130)
    const report = verifyReportShape.parse(JSON.parse(stopped.said.out))
    expect(report).toMatchObject({
      verdict: 'unsettled',
      pairs: [{ tables: [{ detail: 'it was not looked at to its end' }] }],
    })
    expect(report.coverage).toBeGreaterThan(0.05)
    expect(report.coverage).toBeLessThan(1)
    expect(stopped.said.err).toContain('the same command goes on from there')
    const { code, report: whole } = await again()
    expect([code, whole.coverage]).toEqual([0, 1])
    expect(Date.parse(whole.oldest_verified ?? '')).toBeLessThan(stopped.atMs)
  },
  longestMs,
)
