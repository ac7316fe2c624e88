import { expect, test } from 'vitest'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { childProcess, ended, scratch } from '../store/testing/scratch.ts'
import { carryOut, resume } from './carry-out.ts'
import { collect, lineDoer, linePlan, linesOf } from './testing/lines.ts'
import { undoOf } from './undo-of.ts'

const leaseTtlMs = 300

/** Carries out or resumes a plan, and kills itself at one point of one step. */
const worker = `
  const [file, lines, at, id] = process.argv.slice(1)
  const { openStore } = await from('store/open.ts')
  const { carryOut, resume } = await from('plans/carry-out.ts')
  const { lineDoer, linePlan } = await from('plans/testing/lines.ts')
  const here = (point) => { if (point === at) process.kill(process.pid, 'SIGKILL') }
  const store = await openStore('sqlite:' + file, { clock: Date.now })
  const watched = { ...store, async journalAppend(lease, entry, ...more) {
    here('before ' + entry.phase + ' ' + entry.n)
    await store.journalAppend(lease, entry, ...more)
    here('after ' + entry.phase + ' ' + entry.n)
  } }
  const doers = [lineDoer(lines, (step) => here('after the effect of ' + step.n))]
  const deps = { store: watched, clock: Date.now, leaseTtlMs: ${leaseTtlMs} }
  for await (const _ of id ? resume(id, doers, deps) : carryOut(linePlan(), doers, deps));
  await store.close()`

const points = [1, 2, 3, 4].flatMap((n) =>
  ['before begun', 'after begun', 'after the effect of', 'before done', 'after done'].map((when) => `${when} ${n}`),
)
const all = ['do 1', 'do 2', 'do 3', 'do 4']

async function withStore<T>(file: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(`sqlite:${file}`, { clock: Date.now })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const finish = (id: string, store: Store, lines: string) =>
  collect(resume(id, [lineDoer(lines)], { store, clock: Date.now, leaseTtlMs }))

test.concurrent.each(points)(
  'killed %s, another process finishes the plan, and no step is done twice',
  async (point) => {
    using at = scratch()
    const lines = `${at.dir}/lines`
    expect(await ended(childProcess(worker, at.file, lines, point))).toBe('SIGKILL')
    const before = linesOf(lines)
    expect(all.slice(0, before.length)).toEqual(before)

    await withStore(at.file, async (store) => {
      const entries = await finish('p-1', store, lines)
      expect(linesOf(lines)).toEqual(all)
      for (const entry of entries) expect(entry.epoch).toBe(2)
      const done = (await store.journal('p-1')).filter(({ phase }) => phase === 'done').map(({ n }) => n)
      expect(done).toEqual([1, 2, 3, 4])
      expect(await store.plans({ open: true })).toEqual([])
    })
  },
)

test('killed again and again while it is resumed and taken back, every step is still done and undone once', async () => {
  using at = scratch()
  const lines = `${at.dir}/lines`
  const killedAt = async (point: string, id = ''): Promise<void> => {
    expect(await ended(childProcess(worker, at.file, lines, point, ...(id ? [id] : [])))).toBe('SIGKILL')
  }
  await killedAt('after begun 1')
  await killedAt('after the effect of 2', 'p-1')
  await killedAt('before done 3', 'p-1')
  const undo = await withStore(at.file, async (store) => {
    await finish('p-1', store, lines)
    const plan = undoOf(linePlan(), await store.journal('p-1'))
    await store.savePlan(plan)
    return plan
  })
  await killedAt('after the effect of 4', undo.id)
  await killedAt('after done 3', undo.id)
  await withStore(at.file, async (store) => {
    await finish(undo.id, store, lines)
    expect(linesOf(lines)).toEqual([...all, 'undo 4', 'undo 3', 'undo 2', 'undo 1'])
    expect(await store.plans({ open: true })).toEqual([])
    const deps = { store, clock: Date.now, leaseTtlMs }
    await expect(collect(carryOut(linePlan(), [lineDoer(lines)], deps))).rejects.toMatchObject({
      code: 'plan-begun',
    })
  })
})
