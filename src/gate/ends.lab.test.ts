import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../lab/lab-directory.ts'
import { firstLine, processesWith, startProgram } from '../lab/testing-program.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'

/** A process that rehearses, and says when the copy is in use. */
async function underWay(dir: string, ends: 'by abort' | 'by kill') {
  const lab = await testLab()
  const cluster = {
    name: 'auth',
    engine: 'postgres',
    nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null })),
    contracts: [],
    fence: 'message',
    invariants: [],
  }
  const program = startProgram(
    `const { rehearse } = await lab('../gate/rehearse.ts')
    const abort = new AbortController()
    const files = [{ name: 'm.sql', text: 'select pg_sleep(20)' }]
    const progress = (words) => {
      if (words !== 'running the change') return
      ${ends === 'by abort' ? 'setTimeout(() => abort.abort(), 300)' : ''}
      console.log(words)
    }
    await rehearse({ cluster: ${JSON.stringify(cluster)}, files, serving: new Set(), signal: abort.signal, progress })
      .catch((error) => { if (!abort.signal.aborted) throw error })`,
    { env: { TMPDIR: dir } },
  )
  await firstLine(program)
  return program
}

test.each(['by abort', 'by kill'] as const)(
  'a rehearsal that ends in the middle, %s, leaves no server and no file',
  async (ends) => {
    const dir = mkdtempSync(join(temporaryDirectory(), 'antemortem-gate-'))
    chmodSync(dir, 0o711)
    try {
      const program = await underWay(dir, ends)
      expect(processesWith(dir)).toHaveLength(3)
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
