import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ClusterConfig } from '../core/configuration.ts'
import { Sources } from './sources.ts'

test('what fails now is not learned as usual, though no finding is harm', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'antemortem-sources-'))
  const file = join(dir, 'outcomes.ndjson')
  const nowMs = Date.now()
  const line = (secondsAgo: number, code: string): string =>
    `${JSON.stringify({ at: nowMs - secondsAgo * 1000, instance: 'app1', node: 'primary', code })}\n`
  const all = Array.from({ length: 60 }, (_, n) => line(60 - n, n < 30 ? 'ok' : 'ECONNREFUSED'))
  writeFileSync(file, all.join(''))
  const contract = { name: 'login', settings: [], node: 'primary', readOnly: false, reads: [], canary: null } as const
  const cluster: ClusterConfig = {
    name: 'auth',
    engine: 'postgres',
    nodes: [],
    contracts: [{ ...contract, withinMs: 1000, staleMs: 5000, outcomes: file }],
    fence: 'message',
    invariants: [],
  }
  const sources = new Sources(cluster, null, { clock: () => nowMs, signal: new AbortController().signal })
  try {
    await sources.poll()
    expect([...sources.hurting()]).toEqual(['primary'])
    sources.learnUsual(nowMs, true)
    await sources.poll()
    const { outcomes } = sources.facts(nowMs)
    expect(outcomes.seen && outcomes.value.baseline).toBeNull()
  } finally {
    await sources.close()
    rmSync(dir, { recursive: true })
  }
})
