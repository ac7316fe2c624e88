import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../../src/core/configuration.ts'
import { percentile } from '../../src/drills/percentile.ts'
import type { ApplyReport } from '../../src/gate/apply/report.ts'
import { applyChange } from '../../src/gate/apply/run.ts'
import { rehearsedWell } from '../../src/gate/apply/testing/applying.ts'
import { authBlueprint } from '../../src/lab/auth.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { Session } from '../../src/lab/sql.ts'
import { startLab } from '../../src/lab/start-lab.ts'
import { openStore } from '../../src/store/open.ts'
import type { Measured } from './parts.ts'

const runs = 5
const writers = 8
const budgetMs = 1_000
/** Somebody's report: it reads the table, and holds its lock for so long. */
const inTheWayMs = 6_000

interface Waits {
  readonly all: readonly number[]
  readonly attempts: number
}

/**
 * How long a writer waits while a table in use is altered, with a long transaction in the way: by the gate, and by the same
 * statement as a migration tool sends it.
 */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const lab = await startLab(authBlueprint())
  try {
    const quiet: Waits[] = []
    const bare: Waits[] = []
    const gated: Waits[] = []
    for (let n = 0; n < runs; n += 1) {
      quiet.push(await underLoad(lab, async () => sleep(3_000, 1)))
      bare.push(await withReport(lab, async (begins) => bareAlter(lab, `bare_${n}`, begins)))
      gated.push(await withReport(lab, async (begins) => gatedAlter(lab, `gated_${n}`, begins)))
      progress(
        `run ${n + 1}: longest wait ${longest([quiet[n]])} ms untouched, ${longest([bare[n]])} ms bare, ${longest([gated[n]])} ms by the gate (${gated[n]?.attempts} attempts)`,
      )
    }
    const met = longest(gated) <= budgetMs
    const row = (words: string, waits: readonly Waits[]): readonly string[] => {
      const all = waits.flatMap((one) => one.all)
      return [
        words,
        String(all.length),
        percentile(all, 0.5).toFixed(1),
        percentile(all, 0.999).toFixed(0),
        String(longest(waits)),
        waits.map(({ attempts }) => attempts).join(', '),
      ]
    }
    return {
      header: ['meanwhile', 'writes', 'p50, ms', 'p99.9, ms', 'longest, ms', 'attempts a run'],
      rows: [
        row('nothing', quiet),
        row('the statement as it is, `lock_timeout` as the server has it', bare),
        row(`\`gate apply\`, lock budget ${budgetMs} ms`, gated),
      ],
      notes: [
        `Asked: no writer waits longer than the lock budget of ${budgetMs} ms. Measured: ${longest(gated)} ms. ${met ? 'Met.' : '**Not met.**'}`,
        `${writers} sessions update rows of \`users\` one by one without a pause, each update a transaction; a wait is the time from sending one to its answer. Beside them one transaction reads the table and stays open for ${inTheWayMs / 1000} s, while \`alter table users add column\` is applied to the subscriber and to the primary. ${runs} runs of each. The rehearsal is not part of it: it is made on a copy.`,
      ],
      met,
    }
  } finally {
    await lab.close()
  }
}

/** Of hundreds of thousands: more than a call takes as arguments. */
const longest = (waits: readonly (Waits | undefined)[]): number =>
  Math.round(waits.flatMap((one) => one?.all ?? []).reduce((most, wait) => Math.max(most, wait), 0))

/** What every write took while the work went on. */
async function underLoad(lab: Lab, work: () => Promise<number>): Promise<Waits> {
  const all: number[] = []
  const ended = new AbortController()
  const writing = Array.from({ length: writers }, async (_, writer) =>
    Session.use(lab.url('primary', 'app'), async (session) => {
      for (let n = 0; !ended.signal.aborted; n += 1) {
        const startedMs = performance.now()
        await session.rows('update users set last_login = now() where id = $1', [1 + ((n * writers + writer) % 1000)])
        all.push(performance.now() - startedMs)
      }
    }),
  )
  try {
    return { attempts: await work(), all }
  } finally {
    ended.abort()
    await Promise.all(writing)
  }
}

/** `begins` is called when the primary is about to be altered: from then on the report goes on for so long. */
async function withReport(lab: Lab, work: (begins: () => void) => Promise<number>): Promise<Waits> {
  return underLoad(lab, async () =>
    Session.use(lab.url('primary', 'admin'), async (report) => {
      await report.each(['begin', 'select count(*) from users'])
      const { promise, resolve } = Promise.withResolvers<void>()
      const ended = promise.then(async () => sleep(inTheWayMs)).then(async () => report.each(['commit']))
      const attempts = await work(resolve)
      await ended
      return attempts
    }),
  )
}

async function bareAlter(lab: Lab, column: string, begins: () => void): Promise<number> {
  await lab.rows('reports', `alter table users add column ${column} text`)
  begins()
  await lab.rows('primary', `alter table users add column ${column} text`)
  return 1
}

async function gatedAlter(lab: Lab, column: string, begins: () => void): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'measuring-'))
  const file = join(dir, 'store.db')
  const text = `-- antemortem:on reports, primary\nalter table users add column ${column} text;`
  const cluster = clusterOf(lab)
  try {
    await rehearsedWell(file, cluster, text)
    const store = await openStore(`sqlite:${file}`, { clock: Date.now })
    try {
      const attempts: number[] = []
      const report: ApplyReport = await applyChange({
        cluster,
        files: [{ name: 'm.sql', text }],
        serving: new Set(),
        allow: [],
        failOn: 'error',
        budgetMs,
        store,
        digest: (content) => createHash('sha256').update(content).digest('hex'),
        newId: () => `gate-${randomUUID().slice(0, 8)}`,
        keepFile: (name) => name,
        signal: new AbortController().signal,
        clock: Date.now,
        today: () => new Date().toISOString().slice(0, 10),
        progress: () => undefined,
        approved: null,
        leave: null,
        agree: () => Promise.resolve(true),
        onEntry({ n, phase, output }, plan) {
          attempts.push(Number(output['attempts'] ?? 0))
          if (phase === 'begun' && plan.steps.find((step) => step.n === n)?.node === 'primary') begins()
        },
      })
      if (report.stage !== 'verify' || report.verdict === 'block')
        throw new Error(`the change was not applied: ${JSON.stringify(report.findings)}`)
      return Math.max(...attempts)
    } finally {
      await store.close()
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const clusterOf = (lab: Lab): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: lab.url(name, 'admin'), host: null })),
  contracts: [],
  fence: 'message',
  invariants: [],
})
