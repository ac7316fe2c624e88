import { beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../core/plan.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { carryOut, resume } from '../../plans/carry-out.ts'
import { collect } from '../../plans/testing/lines.ts'
import { undoOf } from '../../plans/undo-of.ts'
import { childProcess, ended, scratch } from '../../store/testing/scratch.ts'
import { clusterOf } from '../testing/situation.ts'
import { rowDoersOf } from './doers.ts'
import { Repairing, textOf, toReports } from './testing/situation.ts'

/** Carries out a plan, or resumes it, and kills itself at one point of one step. */
const worker = `
  const [file, cluster, plan, at, id] = process.argv.slice(1)
  const { openStore } = await from('store/open.ts')
  const { carryOut, resume } = await from('plans/carry-out.ts')
  const { rowDoersOf } = await from('repair/rows/doers.ts')
  const { keptIn, rowsReachOf } = await from('repair/rows/reach.ts')
  const here = (point) => { if (point === at) process.kill(process.pid, 'SIGKILL') }
  const store = await openStore('sqlite:' + file, { clock: Date.now })
  const watched = { ...store, async journalAppend(lease, entry, ...more) {
    here('before ' + entry.phase + ' ' + entry.n)
    await store.journalAppend(lease, entry, ...more)
    here('after ' + entry.phase + ' ' + entry.n)
  } }
  const kept = keptIn(store, (_, n) => here('inside the transaction of ' + n))
  const doers = rowDoersOf(rowsReachOf(JSON.parse(cluster), kept)).map((doer) => ({ ...doer, async do(step, context) {
    const output = await doer.do(step, context)
    here('after the effect of ' + step.n)
    return output
  } }))
  const deps = { store: watched, clock: Date.now, leaseTtlMs: 200 }
  for await (const _ of id ? resume(id, doers, deps) : carryOut(JSON.parse(plan), doers, deps));
  await store.close()`

const points = [1, 2].flatMap((n) =>
  ['before begun', 'after begun', 'inside the transaction of', 'after the effect of', 'before done'].map(
    (when) => `${when} ${n}`,
  ),
)

let lab: Lab
beforeAll(async () => {
  lab = await testLab()
})

/** One row too many and three that are wrong: two transactions. */
async function damage(): Promise<void> {
  await lab.rows('reports', `insert into users values (-5, 'stranger', 'x') on conflict do nothing`)
  await lab.rows('reports', `update users set password_hash = 'wrong', last_login = null where id in (7, 8, 9)`)
}

const killedAt = async (point: string, file: string, plan: Plan, id?: string): Promise<void> => {
  const child = childProcess(
    worker,
    file,
    JSON.stringify(clusterOf(lab)),
    JSON.stringify(plan),
    point,
    ...(id === undefined ? [] : [id]),
  )
  expect(await ended(child)).toBe('SIGKILL')
}

const finish = async (repairing: Repairing, plan: Plan): Promise<void> => {
  const doers = rowDoersOf(repairing.reach)
  // Killed before anything was in the journal, there is nothing to resume.
  const isKnown = (await repairing.store.plan(plan.id)) !== null
  await collect(isKnown ? resume(plan.id, doers, repairing.deps) : carryOut(plan, doers, repairing.deps))
}

const users = async (node: string): Promise<string> => textOf(lab, node, 'users')

test.each(points)(
  'killed %s: every transaction is whole or not at all, and another process finishes',
  async (point) => {
    using at = scratch()
    await damage()
    await using repairing = await Repairing.in(lab, { file: at.file })
    const { plan } = await repairing.plan(toReports, ['users'])
    await killedAt(point, at.file, plan)
    const wrong = await lab.rows('reports', `select id from users where password_hash = 'wrong'`)
    expect([0, 3]).toContain(wrong.length)
    await finish(repairing, plan)
    expect(await repairing.store.plans({ open: true })).toEqual([])
    expect(await users('reports')).toBe(await users('primary'))
  },
)

test('killed at every point of being taken back, it is taken back once and byte for byte', async () => {
  using at = scratch()
  await damage()
  await using repairing = await Repairing.in(lab, { file: at.file })
  const before = await users('reports')
  const { plan } = await repairing.plan(toReports, ['users'])
  await finish(repairing, plan)
  const undo = undoOf(plan, await repairing.store.journal(plan.id))
  await repairing.store.savePlan(undo)
  for (const n of undo.steps.map((step) => step.n))
    for (const when of ['after begun', 'after the effect of']) await killedAt(`${when} ${n}`, at.file, undo, undo.id)
  await finish(repairing, undo)
  expect(await users('reports')).toBe(before)
  expect(await repairing.store.plans({ open: true })).toEqual([])
})
