import { expect, test } from 'vitest'
import type { JournalEntry, Plan } from '../core/plan.ts'
import type { Store } from '../store/store.ts'
import { memoryStore, scratch, standingClock } from '../store/testing/scratch.ts'
import { carryOut, resume } from './carry-out.ts'
import type { Doer, PlanDeps } from './doer.ts'
import { collect, lineDoer, linePlan, linesOf } from './testing/lines.ts'
import { undoOf } from './undo-of.ts'

const clock = standingClock(1_000)
const withStore = (store: Store, more: Partial<PlanDeps> = {}): PlanDeps => ({ store, clock, leaseTtlMs: 300, ...more })
const phases = (entries: readonly JournalEntry[]): string[] => entries.map(({ n, phase }) => `${phase} ${n}`)

/** Does nothing but what the test says. */
const doer = (more: Partial<Doer>): Doer => ({
  kind: 'line',
  do: () => Promise.resolve({}),
  probe: () => Promise.resolve('not-done'),
  ...more,
})

test('each step is begun and done in the journal, and the lease is free afterwards', async () => {
  using at = scratch()
  await using store = await memoryStore(clock)
  const entries = await collect(carryOut(linePlan(2), [lineDoer(`${at.dir}/lines`)], withStore(store)))
  expect(phases(entries)).toEqual(['begun 1', 'done 1', 'begun 2', 'done 2'])
  expect(entries).toEqual(await store.journal('p-1'))
  expect(entries[1]?.output).toEqual({ text: 'do 1' })
  expect(linesOf(`${at.dir}/lines`)).toEqual(['do 1', 'do 2'])
  expect(await store.takeLease('plan:reports:public.users', 'next', 1)).toMatchObject({ epoch: 2 })
})

test('a plan that is refused, expired, of unknown kind or begun before does nothing', async () => {
  await using store = await memoryStore(clock)
  const refused: Plan = { ...linePlan(), refusals: [{ id: 'no-fence', why: 'the old primary may live', evidence: {} }] }
  const expired: Plan = { ...linePlan(), basis: { fingerprint: 'f', atMs: 0, expiresMs: 1_000 } }
  const attempt = (plan: Plan, doers: readonly Doer[] = [doer({})]) => collect(carryOut(plan, doers, withStore(store)))
  await expect(attempt(refused)).rejects.toMatchObject({ code: 'plan-refused', exit: 1 })
  await expect(attempt(expired)).rejects.toMatchObject({ code: 'plan-expired' })
  await expect(attempt(linePlan(), [])).rejects.toMatchObject({ code: 'plan-unknown-step' })
  expect(await store.plans()).toEqual([])
  await attempt(linePlan(1))
  await expect(attempt(linePlan(1))).rejects.toMatchObject({ code: 'plan-begun' })
  await expect(collect(resume('none', [], withStore(store)))).rejects.toMatchObject({ code: 'plan-unknown', exit: 2 })
})

test('a failed step stops the plan; resumed, it is looked at and done again', async () => {
  await using store = await memoryStore(clock)
  let broken = true
  const flaky = doer({
    do: (step) =>
      step.n === 2 && broken ? Promise.reject(new Error('password=s3cret was wrong')) : Promise.resolve({}),
  })
  const first = await collect(carryOut(linePlan(3), [flaky], withStore(store)))
  expect(phases(first)).toEqual(['begun 1', 'done 1', 'begun 2', 'failed 2'])
  expect(first.at(-1)?.output).toEqual({ error: 'password=*** was wrong', effect: 'not-done' })
  expect(await store.plans({ open: true })).toHaveLength(1)
  broken = false
  const second = await collect(resume('p-1', [flaky], withStore(store)))
  expect(phases(second)).toEqual(['begun 2', 'done 2', 'begun 3', 'done 3'])
})

test('stopped between two steps it is resumable; so is a plan whose reader went away', async () => {
  await using store = await memoryStore(clock)
  const stop = new AbortController()
  const stopping = doer({
    do: (step) => {
      if (step.n === 2) stop.abort()
      return Promise.resolve({})
    },
  })
  const deps = withStore(store, { signal: stop.signal })
  await expect(collect(carryOut(linePlan(4), [stopping], deps))).rejects.toMatchObject({
    code: 'interrupted',
    exit: 130,
  })
  expect(phases(await store.journal('p-1'))).toEqual(['begun 1', 'done 1', 'begun 2', 'done 2'])
  for await (const entry of resume('p-1', [doer({})], withStore(store))) if (entry.phase === 'done') break
  expect(phases(await collect(resume('p-1', [doer({})], withStore(store))))).toEqual(['begun 4', 'done 4'])
  expect(await collect(resume('p-1', [doer({})], withStore(store)))).toEqual([])
})

test('two plans for one subject do not act at once', async () => {
  await using store = await memoryStore(Date.now)
  const other = { ...linePlan(1), id: 'p-2' }
  for await (const _ of carryOut(linePlan(1), [doer({})], { store, clock: Date.now, leaseTtlMs: 300, holder: 'first' }))
    await expect(
      collect(carryOut(other, [doer({})], { store, clock: Date.now, leaseTtlMs: 300, holder: 'second' })),
    ).rejects.toMatchObject({ code: 'plan-busy', message: expect.stringContaining('first') })
})

test('a plan that was taken back is not resumed, and steps see what earlier ones gave', async () => {
  await using store = await memoryStore(clock)
  const heard: unknown[] = []
  const telling = doer({
    do: (step, { outputs, undoing }) => {
      heard.push([step.n, [...outputs.keys()], [...undoing.values()]])
      return Promise.resolve({ gave: step.n })
    },
  })
  const entries = await collect(carryOut(linePlan(2), [telling], withStore(store)))
  const undo = undoOf(linePlan(2), entries)
  await collect(carryOut(undo, [telling], withStore(store)))
  expect(heard).toEqual([
    [1, [], []],
    [2, [1], []],
    [2, [], [{ gave: 1 }, { gave: 2 }]],
    [1, [2], [{ gave: 1 }, { gave: 2 }]],
  ])
  expect(phases((await store.journal('p-1')).slice(-2))).toEqual(['undone 2', 'undone 1'])
  await expect(collect(resume('p-1', [telling], withStore(store)))).rejects.toMatchObject({
    code: 'plan-undone',
    message: expect.stringContaining(undo.id),
  })
})
