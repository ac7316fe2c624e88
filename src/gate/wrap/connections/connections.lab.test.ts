import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testLab } from '../../../lab/testing.ts'
import { carryOut } from '../../../plans/carry-out.ts'
import { undoOf } from '../../../plans/undo-of.ts'
import { openStore } from '../../../store/open.ts'
import { scratch } from '../../../store/testing/scratch.ts'
import { lookAtCluster } from '../../apply/reach.ts'
import { clusterWithContract } from '../../apply/testing/applying.ts'
import { KeptBytes } from '../files/kept-bytes.ts'
import { restoreFiles } from '../files/restore.ts'
import { keepConnections } from './kept-connections.ts'
import { restoreConnectionDoer } from './restore-connection.ts'
import { rewrittenConnections } from './rewritten.ts'

const { signal } = new AbortController()

test('a connection string with which nobody is let in any more is put back, and only that', async () => {
  const lab = await testLab()
  using at = scratch()
  const cluster = clusterWithContract(lab, at.dir)
  const directory = join(at.dir, 'kept')
  const bytes = new KeptBytes(directory, 'gate-1')
  const { port } = lab.node('primary')
  const login = (more: string): string => `host=127.0.0.1 port=${port} dbname=auth user=replicator ${more}`
  const give = async (text: string) => lab.rows('reports', `alter subscription reports_sub connection '${text}'`)
  const strings = async () => lab.rows('reports', 'select subconninfo as is from pg_subscription')
  const snapshot = await lookAtCluster(cluster, signal)
  const seen = async (when: 'before' | 'after') => keepConnections(cluster, snapshot, { bytes, when, signal })
  const was = await strings()
  const before = await seen('before')

  await give(login(`password=${lab.password('replicator')} application_name=reports_sub`))
  expect(await rewrittenConnections(before, await seen('after'), cluster, signal)).toMatchObject([{ refused: null }])

  await give(login('password=mistyped'))
  const [rewritten, ...more] = await rewrittenConnections(before, await seen('after'), cluster, signal)
  expect([rewritten?.refused, more]).toEqual([expect.stringContaining('password authentication failed'), []])
  expect(JSON.stringify(rewritten)).not.toContain('mistyped')
  expect(readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([
    0o600, 0o600, 0o600,
  ])

  const store = await openStore('sqlite::memory:', { clock: Date.now })
  const deps = { store, clock: Date.now }
  const restored = await restoreFiles([], rewritten ? [rewritten] : [], { id: 'gate-1', cluster }, deps)
  expect(restored).toEqual({ plan: 'gate-1', files: ['reports:subscription reports_sub'], problem: null })
  expect(await strings()).toEqual(was)

  const plan = await store.plan('gate-1')
  if (!plan) throw new Error('no plan')
  const undo = undoOf(plan, await store.journal('gate-1'))
  for await (const { phase } of carryOut(undo, [restoreConnectionDoer(cluster)], deps)) expect(phase).not.toBe('failed')
  expect(JSON.stringify(await strings())).toContain('mistyped')
  await store.close()
})
