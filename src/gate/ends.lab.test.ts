import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { attachLab, downLab } from '../lab/detached-lab.ts'
import type { Lab } from '../lab/lab.ts'
import { temporaryDirectory } from '../lab/lab-directory.ts'
import { firstLine, processesWith, startProgram } from '../lab/testing-program.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'

const clusterOf = (lab: Lab) => ({
  name: 'auth',
  engine: 'postgres',
  nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null })),
  contracts: [],
  fence: 'message',
  invariants: [],
})

/** A process that rehearses, and says when the copy is in use. */
async function underWay(dir: string, ends: 'by abort' | 'by kill') {
  const cluster = clusterOf(await testLab())
  const program = startProgram(
    `const { rehearse } = await lab('../gate/rehearse.ts')
    const abort = new AbortController()
    const files = [{ name: 'm.sql', text: 'select pg_sleep(20)' }]
    const progress = (words) => {
      if (words !== 'running the change') return
      ${ends === 'by abort' ? 'setTimeout(() => abort.abort(), 300)' : ''}
      console.log(words)
    }
    // What is to be kept is kept when all is done, and not before.
    const keep = ${ends === 'by kill' ? JSON.stringify({ keep: join(dir, 'copy') }) : '{}'}
    await rehearse({ cluster: ${JSON.stringify(cluster)}, files, serving: new Set(), signal: abort.signal, progress, ...keep })
      .catch((error) => { if (!abort.signal.aborted) throw error })`,
    { env: { TMPDIR: dir } },
  )
  await firstLine(program)
  return program
}

/** A process that keeps its copy, with real rows in it, and goes on until it is killed. */
function keptBy(dir: string, lab: Lab): ChildProcess {
  return startProgram(
    `const { rehearse } = await lab('../gate/rehearse.ts')
    const files = [{ name: 'm.sql', text: '-- antemortem:on reports, primary\\nalter table users add column phone text;' }]
    const sample = { mask: [], unmask: [] }
    const options = { files, serving: new Set(), signal: new AbortController().signal, keep: ${JSON.stringify(join(dir, 'copy'))}, sample }
    const report = await rehearse({ cluster: ${JSON.stringify(clusterOf(lab))}, ...options })
    console.log(JSON.stringify({ verdict: report.verdict, kept: report.kept, sample: report.sample }))
    setInterval(() => undefined, 1000)`,
    { env: { TMPDIR: dir } },
  )
}

test.each(['by abort', 'by kill'] as const)(
  'a rehearsal that ends in the middle, %s, leaves no server and no file',
  async (ends) => {
    const dir = mkdtempSync(join(temporaryDirectory(), 'antemortem-gate-'))
    chmodSync(dir, 0o711)
    try {
      const program = await underWay(dir, ends)
      expect(processesWith(dir).filter((line) => line.includes(' -D '))).toHaveLength(3)
      if (ends === 'by kill') process.kill(-(program.pid ?? 0), 'SIGKILL')
      await waitUntil('all to be gone', async () => processesWith(dir).length === 0 && readdirSync(dir).length === 0, {
        timeoutMs: 10_000,
        everyMs: 50,
      })
      await waitUntil('the program to end', async () => program.exitCode !== null || program.signalCode !== null)
      expect(program.exitCode).toBe(ends === 'by kill' ? null : 0)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  },
)

test('a copy that is kept goes on when its maker is killed, with the change and with real rows that nobody can recognise', async () => {
  const dir = mkdtempSync(join(temporaryDirectory(), 'antemortem-gate-'))
  chmodSync(dir, 0o711)
  const real = await testLab()
  const program = keptBy(dir, real)
  try {
    const said: unknown = JSON.parse(await firstLine(program))
    expect(said).toEqual({
      verdict: 'pass',
      kept: join(dir, 'copy'),
      sample: expect.arrayContaining([
        {
          table: 'public.users',
          rows: expect.any(Number),
          masked: ['name', 'password_hash', 'last_login'],
          problem: null,
        },
      ]),
    })
    process.kill(-(program.pid ?? 0), 'SIGKILL')
    await waitUntil('the program to end', async () => program.signalCode !== null)
    const copy = attachLab(join(dir, 'copy'))
    const count = `select count(*)::int as n, count(*) filter (where phone is null)::int as changed from users`
    const [there] = await copy.rows('standby', count)
    expect(there?.['n']).toBeGreaterThan(100)
    expect(there?.['changed']).toBe(there?.['n'])
    const names = `select string_agg(name, ',' order by id) as names from users where id <= 20`
    const [masked] = await copy.rows('primary', names)
    const [clear] = await real.rows('primary', names)
    expect(String(masked?.['names'])).toHaveLength(String(clear?.['names']).length)
    expect(masked).not.toEqual(clear)
    await downLab(join(dir, 'copy'))
    expect(processesWith(dir)).toEqual([])
  } finally {
    if (program.exitCode === null && program.signalCode === null) process.kill(-(program.pid ?? 0), 'SIGKILL')
    rmSync(dir, { recursive: true, force: true })
  }
})
