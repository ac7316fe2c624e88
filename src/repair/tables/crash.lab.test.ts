import { beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../core/plan.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { carryOut, resume } from '../../plans/carry-out.ts'
import { collect } from '../../plans/testing/lines.ts'
import { undoOf } from '../../plans/undo-of.ts'
import { openStore } from '../../store/open.ts'
import { standing } from '../../store/standing.ts'
import type { Store } from '../../store/store.ts'
import { childProcess, ended, scratch } from '../../store/testing/scratch.ts'
import { damageDoers } from '../damage-doers.ts'
import { clusterOf } from '../testing/situation.ts'
import { rebuildPlan } from './testing/rebuilding.ts'

const leaseTtlMs = 200

/** Carries out a plan, or resumes it, and kills itself at one point of one step. */
const worker = `
  const [file, cluster, plan, at, id] = process.argv.slice(1)
  const { openStore } = await from('store/open.ts')
  const { carryOut, resume } = await from('plans/carry-out.ts')
  const { damageDoers } = await from('repair/damage-doers.ts')
  const here = (point) => { if (point === at) process.kill(process.pid, 'SIGKILL') }
  const store = await openStore('sqlite:' + file, { clock: Date.now })
  const watched = { ...store, async journalAppend(lease, entry, ...more) {
    here('before ' + entry.phase + ' ' + entry.n)
    await store.journalAppend(lease, entry, ...more)
    here('after ' + entry.phase + ' ' + entry.n)
  } }
  const doers = damageDoers(JSON.parse(cluster)).map((doer) => ({ ...doer, async do(step, context) {
    const output = await doer.do(step, context)
    here('after the effect of ' + step.n)
    return output
  } }))
  const deps = { store: watched, clock: Date.now, leaseTtlMs: ${leaseTtlMs} }
  for await (const _ of id ? resume(id, doers, deps) : carryOut(JSON.parse(plan), doers, deps));
  await store.close()`

const points = [2, 3, 4, 5].flatMap((n) => ['after begun', 'after the effect of'].map((when) => `${when} ${n}`))
const tableOf = (point: string): string => point.replaceAll(' ', '_')
const midst = 'in the midst'
const takenBack = 'taken back'

let lab: Lab
beforeAll(async () => {
  lab = await testLab()
  for (const t of [...points, midst, takenBack].map(tableOf))
    await lab.rows(
      'primary',
      `create table ${t} (id int primary key, hash text unique, child_of int references ${t} (id));
      insert into ${t} select id, password_hash, nullif(id - 1, 0) from users`,
    )
  await lab.caughtUp()
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
  const isKnown = (await store.plan(plan.id)) !== null
  await collect(
    isKnown ? resume(plan.id, damageDoers(clusterOf(lab)), deps) : carryOut(plan, damageDoers(clusterOf(lab)), deps),
  )
}

/** Rows that anybody sees under the table's name, with how many tables of ours stand beside it. */
async function seen(table: string) {
  const [row] = await lab.rows(
    'primary',
    `select count(*)::int as rows, (select count(*)::int from pg_class where relkind = 'r' and relname like '${table}\\_rebuilt\\_%') as rebuilt,
      (select count(*)::int from pg_class where relkind = 'r' and relname like '${table}\\_damaged\\_%') as damaged,
      (select count(*)::int from pg_constraint where conrelid = '${table}'::regclass and contype <> 'n') as constraints from ${table}`,
  )
  return row
}

test.each(points)('killed %s, the table is whole under its name, and another process finishes', async (point) => {
  using at = scratch()
  const table = tableOf(point)
  const plan = await rebuildPlan(lab, table, { id: `rebuild-${points.indexOf(point)}0000001` })
  expect(await ended(start(point, { file: at.file, plan }))).toBe('SIGKILL')
  expect(await seen(table)).toMatchObject({ rows: 1000, constraints: 3 })
  await withStore(at.file, async (store) => {
    await finish(plan, store)
    expect(standing(plan, await store.journal(plan.id))).toBe('done')
  })
  expect(await seen(table)).toEqual({ rows: 1000, rebuilt: 0, damaged: 1, constraints: 3 })
})

test('killed in the midst of the swap, the old table is in its place, nobody is kept waiting, and the plan is resumed', async () => {
  using at = scratch()
  const table = tableOf(midst)
  const plan = await rebuildPlan(lab, table, { id: 'rebuild-midst001' })
  await using reader = await lab.session('primary', 'a-reader')
  await reader.rows(`begin; select count(*) from ${table}`)
  const child = start('nowhere', { file: at.file, plan })
  const waiting = `select from pg_locks where relation = '${table}'::regclass and mode = 'AccessExclusiveLock' and not granted`
  await expect.poll(async () => lab.rows('primary', waiting), { timeout: 20_000, interval: 20 }).toHaveLength(1)
  const killed = ended(child)
  child.kill('SIGKILL')
  expect(await killed).toBe('SIGKILL')
  await reader.rows('commit')
  await lab.rows('primary', `set lock_timeout = '5s'; insert into ${table} values (1001, 'written meanwhile', 1)`)
  expect(await seen(table)).toEqual({ rows: 1001, rebuilt: 1, damaged: 0, constraints: 3 })
  await withStore(at.file, async (store) => finish(plan, store))
  expect(await seen(table)).toEqual({ rows: 1001, rebuilt: 0, damaged: 1, constraints: 3 })
})

test('killed at every step of being taken back, it is taken back once', async () => {
  using at = scratch()
  const table = tableOf(takenBack)
  const plan = await rebuildPlan(lab, table, { id: 'rebuild-back0001' })
  const undo = await withStore(at.file, async (store) => {
    await finish(plan, store)
    const taken = undoOf(plan, await store.journal(plan.id))
    await store.savePlan(taken)
    return taken
  })
  expect(undo.steps.map(({ n }) => n)).toEqual([5, 2])
  // The rebuilt table goes with the swap: the last step finds nothing left to drop.
  for (const point of ['after begun 5', 'after the effect of 5', 'after begun 2'])
    expect(await ended(start(point, { file: at.file, plan: undo, id: undo.id }))).toBe('SIGKILL')
  await withStore(at.file, async (store) => {
    await finish(undo, store)
    expect(standing(plan, await store.journal(plan.id))).toBe('undone')
  })
  expect(await seen(table)).toEqual({ rows: 1000, rebuilt: 0, damaged: 0, constraints: 3 })
})
