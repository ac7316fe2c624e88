import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JournalEntry, Plan } from '../../core/plan.ts'
import { testLab } from '../../lab/testing.ts'
import { waitUntil } from '../../lab/wait.ts'
import { carryOut } from '../../plans/carry-out.ts'
import { undoOf } from '../../plans/undo-of.ts'
import { openStore } from '../../store/open.ts'
import { scratch } from '../../store/testing/scratch.ts'
import { readChange } from '../change/read-change.ts'
import { writeKept } from '../files/write-kept.ts'
import { stepsOf } from '../run/targets.ts'
import { keepableIn } from './connections.ts'
import { gateDoersOf, wayBackDoers } from './doers.ts'
import { GateRecords } from './kept.ts'
import { isTakenBackAlone, planChange } from './plan.ts'
import { lookAtCluster } from './reach.ts'
import { clusterWithContract, digest } from './testing/applying.ts'
import { unitsOf } from './units.ts'

const { signal } = new AbortController()

test('the connections of subscriber and standby are kept for their owner’s eyes, and put back as they were', async () => {
  const lab = await testLab()
  using at = scratch()
  const cluster = clusterWithContract(lab, at.dir)
  const login = `host=127.0.0.1 port=${lab.node('primary').port} dbname=auth user=replicator password=mistyped`
  const text = `-- antemortem:on reports
alter subscription reports_sub connection '${login}';
-- antemortem:on standby
alter system set primary_conninfo = '${login}';`
  const snapshot = await lookAtCluster(cluster, signal)
  const nodes = snapshot.nodes.flatMap(({ name, role }) => (role === null ? [] : [{ name, role }]))
  const units = unitsOf(stepsOf(await readChange({ name: 'm.sql', text }), nodes))
  const whole = planChange({
    id: 'gate-1',
    cluster: 'auth',
    primary: 'primary',
    change: 'abc',
    fingerprint: 'def',
    units,
    snapshot,
    keepable: await keepableIn(units, cluster, signal),
    canAct: () => true,
    budgetMs: 1_000,
    atMs: Date.now(),
    validForMs: 60_000,
  })
  const steps = whole.steps.filter(({ kind }) => kind !== 'gate-look' && kind !== 'gate-test')
  const plan: Plan = { ...whole, steps: steps.map((step, n) => ({ ...step, n: n + 1 })) }
  expect(plan.steps.map(({ kind, node }) => `${kind} ${node}`)).toEqual([
    'gate-keep-settings standby',
    'gate-keep-connection reports',
    'gate-statement reports',
    'gate-statement standby',
  ])
  expect(plan.steps.every(isTakenBackAlone)).toBe(true)

  const autoConf = join(lab.node('standby').dataDir, 'postgresql.auto.conf')
  const conninfo = `select subconninfo as is from pg_subscription`
  const before = { file: readFileSync(autoConf), rows: await lab.rows('reports', conninfo) }
  const kept: string[] = []
  const store = await openStore(`sqlite:${join(at.dir, 'a.db')}`, { clock: Date.now })
  const doers = gateDoersOf({
    cluster,
    records: new GateRecords(store, Date.now),
    digest,
    keepFile(name, bytes) {
      const file = join(at.dir, 'kept', name)
      writeKept(file, bytes)
      kept.push(file)
      return file
    },
    change: null,
  })
  const carried = async (one: Plan, by = doers): Promise<readonly JournalEntry[]> => {
    const entries: JournalEntry[] = []
    for await (const entry of carryOut(one, by, { store, clock: Date.now })) entries.push(entry)
    return entries
  }
  const done = await carried(plan)
  expect(done.filter(({ phase }) => phase === 'failed')).toEqual([])
  expect(await lab.rows('reports', conninfo)).not.toEqual(before.rows)

  const copy = kept.find((file) => file.endsWith('postgresql.auto.conf')) ?? ''
  expect(readFileSync(copy)).toEqual(before.file)
  expect(kept.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600])

  const back = await carried(undoOf(plan, await store.journal(plan.id)), wayBackDoers(cluster, store))
  expect(back.filter(({ phase }) => phase === 'failed')).toEqual([])
  expect(await lab.rows('reports', conninfo)).toEqual(before.rows)
  expect(readFileSync(autoConf, 'utf8')).toContain(lab.password('replicator'))
  const worker = `select count(*)::int as n from pg_stat_subscription where relid is null and pid is not null`
  await waitUntil('its worker runs again', async () => (await lab.rows('reports', worker))[0]?.['n'] === 1)
  await store.close()
  const stored = readdirSync(at.dir).filter((name) => name.startsWith('a.db'))
  for (const name of stored) expect(readFileSync(join(at.dir, name)).includes(lab.password('replicator'))).toBe(false)
})
