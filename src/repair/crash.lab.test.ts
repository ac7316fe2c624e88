import { beforeAll, expect, test } from 'vitest'
import type { Plan } from '../core/plan.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'
import { carryOut, resume } from '../plans/carry-out.ts'
import { collect } from '../plans/testing/lines.ts'
import { undoOf } from '../plans/undo-of.ts'
import { openStore } from '../store/open.ts'
import { standing } from '../store/standing.ts'
import type { Store } from '../store/store.ts'
import { childProcess, ended, scratch } from '../store/testing/scratch.ts'
import { doersOf } from './doers.ts'
import { reachOf } from './reach.ts'
import { carriedIn, clusterOf, planFor } from './testing/situation.ts'

const leaseTtlMs = 200

/** Carries out a plan, or resumes it, and kills itself at one point of one step. */
const worker = `
  const [file, cluster, plan, at, id] = process.argv.slice(1)
  const { openStore } = await from('store/open.ts')
  const { carryOut, resume } = await from('plans/carry-out.ts')
  const { doersOf } = await from('repair/doers.ts')
  const { reachOf } = await from('repair/reach.ts')
  const here = (point) => { if (point === at) process.kill(process.pid, 'SIGKILL') }
  const store = await openStore('sqlite:' + file, { clock: Date.now })
  const watched = { ...store, async journalAppend(lease, entry, ...more) {
    here('before ' + entry.phase + ' ' + entry.n)
    await store.journalAppend(lease, entry, ...more)
    here('after ' + entry.phase + ' ' + entry.n)
  } }
  const doers = doersOf(reachOf(JSON.parse(cluster))).map((doer) => ({ ...doer, async do(step, context) {
    const output = await doer.do(step, context)
    here('after the effect of ' + step.n)
    return output
  } }))
  const deps = { store: watched, clock: Date.now, leaseTtlMs: ${leaseTtlMs} }
  for await (const _ of id ? resume(id, doers, deps) : carryOut(JSON.parse(plan), doers, deps));
  await store.close()`

const points = [1, 2, 3, 4, 5, 6].flatMap((n) =>
  ['before begun', 'after begun', 'after the effect of'].map((when) => `${when} ${n}`),
)
const tableOf = (point: string): string => point.replaceAll(' ', '_')
const atWork = 'at work'
const undoPoint = 'taken back'

let lab: Lab
beforeAll(async () => {
  lab = await testLab()
  // Without a key a row that arrived twice would show; without its identity the primary would refuse updates.
  const tables = [...points, atWork, undoPoint].map(tableOf)
  const create = tables.map((t) => `create table ${t} (id int, hash text); alter table ${t} replica identity full;`)
  for (const node of ['reports', 'primary']) {
    await lab.rows(node, create.join('\n'))
    lab.setConf(node, { log_statement: 'ddl' })
    lab.reload(node)
    const isLogged = async (): Promise<boolean> =>
      (await lab.rows(node, 'show log_statement'))[0]?.['log_statement'] === 'ddl'
    await waitUntil('the servers to log what is sent', isLogged)
  }
  for (const t of tables) await lab.rows('primary', `insert into ${t} select id, password_hash from users`)
})

interface Run {
  readonly file: string
  readonly plan: Plan
  readonly id?: string
}

const start = (point: string, { file, plan, id }: Run): ReturnType<typeof childProcess> =>
  childProcess(
    worker,
    file,
    JSON.stringify(clusterOf(lab)),
    JSON.stringify(plan),
    point,
    ...(id === undefined ? [] : [id]),
  )

const killedAt = async (point: string, run: Run): Promise<void> => {
  expect(await ended(start(point, run))).toBe('SIGKILL')
}

async function withStore<T>(file: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(`sqlite:${file}`, { clock: Date.now })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const finish = async (plan: Plan, store: Store): Promise<void> => {
  const deps = { store, clock: Date.now, leaseTtlMs }
  const doers = doersOf(reachOf(clusterOf(lab)))
  // Killed before anything was in the journal, there is nothing to resume.
  const isKnown = (await store.plan(plan.id)) !== null
  await collect(isKnown ? resume(plan.id, doers, deps) : carryOut(plan, doers, deps))
}

/** What was sent to the servers for a table, or failed there, since the log had so many characters. */
const sent = (since: Readonly<Record<string, number>>): readonly string[] =>
  ['primary', 'reports'].flatMap((node) =>
    lab
      .log(node)
      .slice(since[node])
      .split('\n')
      .filter((line) => line.includes('/antemortem-act'))
      .flatMap((line) => /(?:alter|ERROR).*/.exec(line)?.[0] ?? []),
  )
const logs = (): Readonly<Record<string, number>> => ({
  primary: lab.log('primary').length,
  reports: lab.log('reports').length,
})

const once = (table: string): readonly string[] => [
  `alter publication "auth_pub" add table "public"."${table}"`,
  'alter subscription "reports_sub" refresh publication',
]

test.each(points)('killed %s, another process finishes: each effect once, all rows, none twice', async (point) => {
  using at = scratch()
  const table = tableOf(point)
  const plan = await planFor(lab, { table, id: point })
  const before = logs()
  await killedAt(point, { file: at.file, plan })
  await withStore(at.file, async (store) => {
    await finish(plan, store)
    const journal = await store.journal(plan.id)
    expect(journal.filter(({ phase }) => phase === 'done').map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6])
    expect(journal.at(-1)?.output).toMatchObject({ verdict: 'equal', source_rows: 1000, node_rows: 1000 })
    expect(await store.plans({ open: true })).toEqual([])
  })
  expect(sent(before)).toEqual(once(table))
  expect(await carriedIn(lab, table)).toEqual({ published: 1, subscribed: 1, primary: 1000, reports: 1000 })
})

/** A statement that takes its time on the server: until there is a row in `gate`. */
const slow = `create table gate (open int);
  create function wait_for_gate() returns event_trigger language plpgsql as $$ begin
    while not exists (select from public.gate) loop perform pg_sleep(0.02); end loop;
  end $$;
  create event trigger slow on ddl_command_start when tag in ('ALTER PUBLICATION') execute function wait_for_gate()`

test('killed while its statement runs on the server, the plan is resumed only when that one has ended', async () => {
  using at = scratch()
  const table = tableOf(atWork)
  const plan = await planFor(lab, { table, id: atWork })
  const before = logs()
  await lab.rows('primary', slow)
  const child = start('nowhere', { file: at.file, plan })
  const isThere = async (what: string): Promise<void> => {
    await expect.poll(async () => lab.rows('primary', what), { timeout: 10_000 }).toHaveLength(1)
  }
  await isThere(`select from pg_stat_activity where query like 'alter publication%' and state = 'active'`)
  const killed = ended(child)
  child.kill('SIGKILL')
  expect(await killed).toBe('SIGKILL')
  const finished = withStore(at.file, async (store) => finish(plan, store))
  // The dead one's statement takes effect behind the back of the new process, which has taken over and looks.
  await isThere(`select from pg_locks where locktype = 'advisory' and not granted`)
  await lab.rows('primary', 'insert into gate values (1)')
  await finished
  expect(sent(before)).toEqual(once(table))
  expect(await carriedIn(lab, table)).toEqual({ published: 1, subscribed: 1, primary: 1000, reports: 1000 })
})

test('killed at every step of being taken back, it is taken back once, and the primary keeps its rows', async () => {
  using at = scratch()
  const table = tableOf(undoPoint)
  const plan = await planFor(lab, { table, id: undoPoint })
  const undo = await withStore(at.file, async (store) => {
    await finish(plan, store)
    const taken = undoOf(plan, await store.journal(plan.id))
    await store.savePlan(taken)
    return taken
  })
  const before = logs()
  const steps = undo.steps.map(({ n }) => n)
  expect(steps).toEqual([5, 3, 2, 1])
  for (const n of steps)
    for (const when of ['after begun', 'after the effect of'])
      await killedAt(`${when} ${n}`, { file: at.file, plan: undo, id: undo.id })
  await withStore(at.file, async (store) => {
    await finish(undo, store)
    expect(standing(plan, await store.journal(plan.id))).toBe('undone')
    expect(standing(undo, await store.journal(undo.id))).toBe('done')
    expect(await store.plans({ open: true })).toEqual([])
  })
  expect(sent(before)).toEqual([
    `alter publication "auth_pub" drop table "public"."${table}"`,
    'alter subscription "reports_sub" refresh publication',
  ])
  expect(await carriedIn(lab, table)).toEqual({ published: 0, subscribed: 0, primary: 1000, reports: 0 })
})
