import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { waitUntil } from '../../lab/wait.ts'
import { openStore } from '../../store/open.ts'
import { scratch } from '../../store/testing/scratch.ts'
import { beatAll } from '../beat/beat-all.ts'
import type { ApplyOptions } from './prepare.ts'
import { lookAtCluster } from './reach.ts'
import { applyChange } from './run.ts'
import { clusterWithContract, digest, ownTable, rehearsedWell, withOwnTable } from './testing/applying.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

interface Applying {
  readonly file: string
  readonly cluster: ClusterConfig
  readonly sql: string
}

let plans = 0

/** Applies it in this process; `at` is called at every moment of its course, by name. */
async function applied(
  { file, cluster, sql }: Applying,
  at: (point: string) => Promise<void> | void,
  signal: AbortSignal,
) {
  const store = await openStore(`sqlite:${file}`, { clock: Date.now })
  const watched: typeof store = {
    ...store,
    async journalAppend(lease, entry, ...more) {
      await store.journalAppend(lease, entry, ...more)
      await at(`${entry.phase}${entry.plan.includes('-undo-') ? ' back' : ''} ${entry.n}`)
    },
    async saveRecord(kind, name, kept) {
      await store.saveRecord(kind, name, kept)
      if (kind === 'gate-attempt') await at(`inside ${name.split('/')[1]}`)
    },
  }
  const options: ApplyOptions = {
    cluster,
    files: [{ name: 'm.sql', text: sql }],
    serving: new Set(),
    allow: [],
    failOn: 'error',
    budgetMs: 1000,
    store: watched,
    digest,
    newId: () => `gate-${(plans += 1)}`,
    keepFile: (name) => name,
    signal,
    clock: Date.now,
    today: () => '2026-01-01',
    leaseTtlMs: 200,
    progress: (words) => void at(words),
    approved: null,
    leave: null,
    async agree() {
      await at('agree')
      return true
    },
    onEntry: () => undefined,
  }
  try {
    return await applyChange(options)
  } finally {
    await store.close()
  }
}

async function interruptedAt(point: string, applying: Applying): Promise<unknown> {
  const controller = new AbortController()
  const reason = new DOMException('SIGINT', 'AbortError')
  const met: string[] = []
  try {
    const report = await applied(
      applying,
      (here) => {
        met.push(here)
        if (here === point) controller.abort(reason)
      },
      controller.signal,
    )
    return [point, report.stage, met]
  } catch (error) {
    if (!met.includes(point)) throw error
    if (error instanceof AntemortemError) return [point, error.exit, error.hint.replace(/gate-\d+/, 'PLAN')]
    return [point, error === reason ? 130 : error]
  }
}

const goOn = 'Go on: run the same command again   or take back what can be: antemortem mend undo PLAN'

const columns = async (node: string): Promise<string> =>
  (
    await lab.rows(
      node,
      `select attname from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped order by attnum`,
    )
  )
    .map((row) => String(row['attname']))
    .join()

test('interrupted in any phase, it ends with 130 at the next step, and the same command goes on', async () => {
  using at = scratch()
  const sql = `-- antemortem:on reports, primary
alter table users add column phone text;
-- antemortem:on primary
alter table users rename column password_hash to pw;`
  const applying = { file: at.file, cluster: clusterWithContract(lab, at.dir), sql }
  await rehearsedWell(at.file, applying.cluster, sql)
  const before = [await columns('primary'), await columns('reports')]
  expect(await interruptedAt('looking at the cluster', applying)).toEqual(['looking at the cluster', 130])
  for (const point of ['agree', 'begun 1', 'inside 2', 'done 3', 'begun 4'])
    expect(await interruptedAt(point, applying)).toEqual([point, 130, goOn])
  // The tests only read: they come to their end, and what they say is the more urgent news.
  for (const point of ['failed 5', 'done back 4'])
    expect(await interruptedAt(point, applying)).toEqual([point, 130, goOn])
  const report = await applied(applying, () => undefined, new AbortController().signal)
  expect(report).toMatchObject({ stage: 'rolled-back', undeclared: [] })
  expect([await columns('primary'), await columns('reports')]).toEqual(before)
})

const phone = '-- antemortem:on reports, primary\nalter table users add column phone text;'

const refusals: readonly {
  readonly what: string
  readonly says: string
  readonly act?: 'watch'
  readonly hasOwnTable?: true
  readonly at?: (point: string) => Promise<void>
}[] = [
  {
    what: 'an acting role that does not own what is altered',
    act: 'watch',
    says: 'must be owner of table users',
  },
  {
    what: 'a cluster that was changed after it was agreed to',
    says: 'the cluster is not what it was when the plan was made',
    at: async (point) => {
      if (point === 'agree') await lab.rows('primary', 'create role somebody')
    },
  },
  {
    what: "a contract's own row that the server does not take",
    hasOwnTable: true,
    says: 'contract login cannot write its row into public.beats on primary (42501)',
    at: async (point) => {
      if (point === 'agree') await lab.rows('primary', 'revoke insert on beats from app')
    },
  },
]

test.each(refusals)(
  '$what: nothing of the change is kept, and it is said why',
  async ({ says, act, hasOwnTable, at = async () => undefined }) => {
    using dir = scratch()
    if (hasOwnTable) await lab.rows('primary', ownTable)
    const plain = clusterWithContract(lab, dir.dir)
    const own = hasOwnTable ? withOwnTable(plain) : plain
    const cluster: ClusterConfig =
      act === undefined
        ? own
        : {
            ...own,
            nodes: own.nodes.map((node) =>
              node.name === 'primary' ? { ...node, act: lab.url('primary', act) } : node,
            ),
          }
    await rehearsedWell(dir.file, cluster, phone)
    const report = await applied({ file: dir.file, cluster, sql: phone }, at, new AbortController().signal)
    expect(report).toMatchObject({ stage: 'rolled-back', verdict: 'block', undeclared: [] })
    expect(report.findings.map(({ message }) => message).join()).toContain(says)
    expect(await columns('primary')).not.toContain('phone')
    expect(await columns('reports')).not.toContain('phone')
  },
)

test('while it stands still with a lock in its hands, nobody waits for longer than the budget; then it tries again', async () => {
  using dir = scratch()
  const sql = 'create index on users (name);'
  const cluster = clusterWithContract(lab, dir.dir)
  await rehearsedWell(dir.file, cluster, sql)
  const order: string[] = []
  const inside = async (point: string): Promise<void> => {
    if (!point.startsWith('inside')) return
    order.push('inside')
    // The first time is before any lock, the second with the index made and not committed.
    if (order.length !== 2) return
    const written = lab.rows('primary', 'update users set name = name where id = 1').then(() => order.push('written'))
    await sleep(4_000)
    order.push('awake')
    await written
  }
  const report = await applied({ file: dir.file, cluster, sql }, inside, new AbortController().signal)
  expect(order.slice(0, 4)).toEqual(['inside', 'inside', 'written', 'awake'])
  expect(report).toMatchObject({ stage: 'verify', verdict: 'pass' })
  expect(
    await lab.rows('primary', `select count(*)::int as n from pg_indexes where indexname = 'users_name_idx'`),
  ).toEqual([{ n: 1 }])
})

test('with one node down nothing is begun', async () => {
  using dir = scratch()
  const cluster = clusterWithContract(lab, dir.dir)
  await rehearsedWell(dir.file, cluster, phone)
  await lab.stop('reports', 'fast')
  await expect(
    applied({ file: dir.file, cluster, sql: phone }, () => undefined, new AbortController().signal),
  ).rejects.toMatchObject({ code: 'node-unreadable', exit: 3 })
  expect(await columns('primary')).not.toContain('phone')
})

test("the commit of a contract's own row that no standby confirms is looked up, and nobody waits for it any longer", async () => {
  using dir = scratch()
  const cluster = withOwnTable(clusterWithContract(lab, dir.dir))
  const { signal } = new AbortController()
  await lab.rows('primary', ownTable)
  await lab.rows('primary', "alter system set synchronous_standby_names = 'nobody'")
  await lab.rows('primary', 'select pg_reload_conf()')
  const waiting = "select count(*)::int as n from pg_stat_activity where wait_event = 'SyncRep'"
  await waitUntil(
    'the setting',
    async () =>
      (await lab.rows('primary', 'show synchronous_standby_names'))[0]?.['synchronous_standby_names'] === 'nobody',
  )
  const [beat] = await beatAll({ cluster, before: await lookAtCluster(cluster, signal), signal })
  expect(beat).toMatchObject({
    written: { state: 'written', isConfirmed: false },
    arrivals: [{ node: 'standby', by: 'reading-role', state: 'shown' }],
  })
  expect(await lab.rows('primary', waiting)).toEqual([{ n: 0 }])
})
