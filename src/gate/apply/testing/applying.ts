import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClusterConfig } from '../../../core/configuration.ts'
import type { Lab } from '../../../lab/lab.ts'
import type { ChangeText } from '../../change/read-change.ts'
import { openStore } from '../../../store/open.ts'
import { stateOf, stateText } from '../cluster-state.ts'
import { GateRecords } from '../kept.ts'
import { lookAtCluster } from '../reach.ts'
import { changeDigest } from '../rehearsed.ts'

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The lab as somebody has configured it, with a contract of its application. */
export function clusterWithContract(lab: Lab, dir: string): ClusterConfig {
  const file = join(dir, 'app.env')
  writeFileSync(file, `DATABASE_URL=${lab.url('primary', 'app')}\n`)
  return {
    name: 'auth',
    engine: 'postgres',
    nodes: lab.nodes.map(({ name, dataDir }) => ({
      name,
      url: lab.url(name, 'watch'),
      act: lab.url(name, 'admin'),
      host: { ssh: null, data: dataDir, log: null },
    })),
    contracts: [
      {
        name: 'login',
        settings: [{ file, key: null }],
        node: 'primary',
        readOnly: false,
        reads: [],
        canary: 'select md5(password_hash) from users where id = 1',
        withinMs: 5_000,
        staleMs: 500,
        outcomes: null,
      },
    ],
    fence: 'message',
    invariants: [],
  }
}

export const ownTable = 'create table beats (name text primary key, beat text not null)'

/** The same with a table that the contract names as its own. */
export const withOwnTable = (cluster: ClusterConfig): ClusterConfig => ({
  ...cluster,
  contracts: cluster.contracts.map((one) => ({ ...one, canaryTable: { schema: 'public', table: 'beats' } })),
})

/** A rehearsal that found nothing, of this change on the lab as it is: what is tested is what comes after it. */
export async function rehearsedWell(
  file: string,
  cluster: ClusterConfig,
  change: string | readonly ChangeText[],
): Promise<void> {
  const store = await openStore(`sqlite:${file}`, { clock: Date.now })
  try {
    const state = stateOf(await lookAtCluster(cluster, new AbortController().signal))
    const files = typeof change === 'string' ? [{ name: 'm.sql', text: change }] : change
    const report = {
      change: 'm.sql',
      stage: 'rehearse',
      verdict: 'pass',
      findings: [],
      locks: [],
      walBytes: 0,
      rollback: 'R1',
      undeclared: [],
    } as const
    const kept = { fingerprint: digest(stateText(state)), state, report }
    await new GateRecords(store, Date.now).save('gate-rehearsal', `auth/${changeDigest(files, digest)}`, kept)
  } finally {
    await store.close()
  }
}

/**
 * Applies a change, and kills itself at one point of the journal. Its last line is the report. What it has compiled is kept for
 * the next one: a process that is killed would leave nothing.
 */
export const applyingWorker = `
  const [dir, cluster, files, at] = process.argv.slice(1)
  const modules = await import('node:module')
  modules.enableCompileCache(dir + '/compiled')
  const { createHash, randomUUID } = await import('node:crypto')
  const { openStore } = await from('store/open.ts')
  const { applyChange } = await from('gate/apply/run.ts')
  const { writeKept } = await from('gate/files/write-kept.ts')
  modules.flushCompileCache()
  const here = (point) => { if (point === at) process.kill(process.pid, 'SIGKILL') }
  const store = await openStore('sqlite:' + dir + '/a.db', { clock: Date.now })
  const wordOf = (plan) => plan.includes('-undo-') ? ' back ' : ' '
  const watched = { ...store,
    async journalAppend(lease, entry, ...more) {
      const what = entry.phase + wordOf(entry.plan) + entry.n
      here('before ' + what)
      await store.journalAppend(lease, entry, ...more)
      here('after ' + what)
    },
    async saveRecord(kind, name, kept) {
      await store.saveRecord(kind, name, kept)
      if (kind === 'gate-attempt') here('inside' + wordOf(name) + name.split('/')[1])
    } }
  const report = await applyChange({
    cluster: JSON.parse(cluster), files: JSON.parse(files), serving: new Set(), allow: [], failOn: 'error',
    budgetMs: 1000, store: watched, digest: (text) => createHash('sha256').update(text).digest('hex'),
    newId: () => 'gate-' + randomUUID().slice(0, 8),
    keepFile: (name, bytes) => { writeKept(dir + '/' + name, bytes); return dir + '/' + name },
    signal: new AbortController().signal, clock: Date.now, today: () => '2026-01-01', leaseTtlMs: 200,
    progress: () => {}, approved: null, leave: null, agree: async () => true, onEntry: () => {} })
  console.log(JSON.stringify(report))
  await store.close()`
