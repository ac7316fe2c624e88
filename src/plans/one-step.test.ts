import { expect, test } from 'vitest'
import { AntemortemError } from '../core/error.ts'
import type { JournalEntry, Plan } from '../core/plan.ts'
import type { Store } from '../store/store.ts'
import { memoryStore, standingClock } from '../store/testing/scratch.ts'
import { carryOut, resume } from './carry-out.ts'
import type { Doer, PlanDeps, Probed } from './doer.ts'
import { collect, linePlan } from './testing/lines.ts'
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

test('a step that did its work and then failed is told apart, and not done again', async () => {
  await using store = await memoryStore(clock)
  let times = 0
  const lossy = doer({
    do: () => {
      times += 1
      return Promise.reject(new Error('connection lost after commit'))
    },
    probe: () => Promise.resolve('done'),
  })
  const [, failed] = await collect(carryOut(linePlan(1), [lossy], withStore(store)))
  expect(failed).toMatchObject({ phase: 'failed', output: { effect: 'done' } })
  expect(phases(await collect(resume('p-1', [lossy], withStore(store))))).toEqual(['done 1'])
  expect(times).toBe(1)
})

test('where nobody can see whether a step was done, the plan stops with exit 4 until somebody can', async () => {
  await using store = await memoryStore(clock)
  let answer: Probed = 'cannot-see'
  const dark = doer({ do: () => Promise.reject(new Error('connection lost')), probe: () => Promise.resolve(answer) })
  await expect(collect(carryOut(linePlan(1), [dark], withStore(store)))).rejects.toMatchObject({
    code: 'step-unclear',
    exit: 4,
    message: expect.stringMatching(/adds do 1.*connection lost/),
  })
  await expect(collect(resume('p-1', [dark], withStore(store)))).rejects.toMatchObject({ exit: 4 })
  expect((await store.journal('p-1')).map(({ phase }) => phase)).toEqual(['begun', 'unknown', 'unknown'])
  answer = 'done'
  expect(phases(await collect(resume('p-1', [dark], withStore(store))))).toEqual(['done 1'])
})

test('a step that may be repeated without harm is repeated where nobody can see', async () => {
  await using store = await memoryStore(clock)
  const plan: Plan = { ...linePlan(1), steps: linePlan(1).steps.map((step) => ({ ...step, idempotent: 'yes' })) }
  const dark = (failing: boolean) =>
    doer({
      do: () => (failing ? Promise.reject(new Error('lost')) : Promise.resolve({})),
      probe: () => Promise.resolve('cannot-see'),
    })
  await expect(collect(carryOut(plan, [dark(true)], withStore(store)))).rejects.toMatchObject({ exit: 4 })
  expect(phases(await collect(resume('p-1', [dark(false)], withStore(store))))).toEqual(['begun 1', 'done 1'])
})

test('a precondition that does not hold stops the plan before its step is begun', async () => {
  await using store = await memoryStore(clock)
  const careful = doer({
    precondition: (step) =>
      Promise.resolve(step.n === 2 ? { id: 'lagging', why: 'the standby lags 8 s', evidence: {} } : null),
  })
  const entries = await collect(carryOut(linePlan(3), [careful], withStore(store)))
  expect(phases(entries)).toEqual(['begun 1', 'done 1', 'failed 2'])
  expect(entries.at(-1)?.output).toEqual({ error: 'the standby lags 8 s', refusal: 'lagging', effect: 'not-done' })
})

test('what somebody else did after a refusal is not taken for a step of ours, which an undo would take back', async () => {
  await using store = await memoryStore(clock)
  let isThere = false
  const careful = doer({
    precondition: () => Promise.resolve({ id: 'already-there', why: 'somebody did it', evidence: {} }),
    probe: () => Promise.resolve(isThere ? 'done' : 'not-done'),
  })
  expect(phases(await collect(carryOut(linePlan(1), [careful], withStore(store))))).toEqual(['failed 1'])
  isThere = true
  expect(phases(await collect(resume('p-1', [careful], withStore(store))))).toEqual(['failed 1'])
  expect(undoOf(linePlan(1), await store.journal('p-1')).steps).toEqual([])
})

test('a refused step is begun by a resume, once nothing speaks against it', async () => {
  await using store = await memoryStore(clock)
  let isLagging = true
  const careful = doer({
    precondition: () => Promise.resolve(isLagging ? { id: 'lagging', why: 'it lags', evidence: {} } : null),
    probe: () => Promise.reject(new Error('it was never begun')),
  })
  await collect(carryOut(linePlan(1), [careful], withStore(store)))
  isLagging = false
  expect(phases(await collect(resume('p-1', [careful], withStore(store))))).toEqual(['begun 1', 'done 1'])
})

test('a refusal does not clear up whether a step that was begun before had an effect', async () => {
  await using store = await memoryStore(clock)
  const plan: Plan = { ...linePlan(1), steps: linePlan(1).steps.map((step) => ({ ...step, idempotent: 'yes' })) }
  const dark = doer({ do: () => Promise.reject(new Error('lost')), probe: () => Promise.resolve('cannot-see') })
  await expect(collect(carryOut(plan, [dark], withStore(store)))).rejects.toMatchObject({ exit: 4 })
  const refusing = doer({
    ...dark,
    precondition: () => Promise.resolve({ id: 'lagging', why: 'it lags', evidence: {} }),
  })
  const [refused] = await collect(resume('p-1', [refusing], withStore(store)))
  expect(refused?.output).toEqual({ error: 'it lags', refusal: 'lagging' })
  expect(undoOf(plan, await store.journal('p-1')).notUndone).toMatchObject([{ n: 1 }])
})

test('the hint of an error is journalled beside it, without its secrets', async () => {
  await using store = await memoryStore(clock)
  const fails = async (): Promise<never> => {
    throw new AntemortemError('no-right', 'it may not', 'Log in as postgres://root:secret@db/x, then resume.')
  }
  const hint = expect.stringMatching(/^Log in as (?!.*secret)/)
  const [, failed] = await collect(carryOut(linePlan(1), [doer({ do: fails })], withStore(store)))
  expect(failed?.output).toEqual({ error: 'it may not', hint, effect: 'not-done' })
  const [refused] = await collect(resume('p-1', [doer({ precondition: fails })], withStore(store)))
  expect(refused?.output).toMatchObject({ refusal: 'precondition-unseen', hint })
})

test('a step is told to stop at its deadline', async () => {
  await using store = await memoryStore(clock)
  const plan: Plan = { ...linePlan(1), steps: linePlan(1).steps.map((step) => ({ ...step, deadlineMs: 20 })) }
  const slow = doer({
    do: (_, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('cancelled')))
      }),
  })
  const entries = await collect(carryOut(plan, [slow], withStore(store)))
  expect(entries.at(-1)?.output).toEqual({ error: 'it did not end within 20 ms', effect: 'not-done' })
})

test('a step that ignores its deadline is given up, and nobody pretends to know its effect', async () => {
  await using store = await memoryStore(clock)
  const plan: Plan = { ...linePlan(1), steps: linePlan(1).steps.map((step) => ({ ...step, deadlineMs: 20 })) }
  const deaf = doer({ do: () => new Promise(() => undefined), probe: () => Promise.resolve('not-done') })
  await expect(collect(carryOut(plan, [deaf], withStore(store)))).rejects.toMatchObject({
    exit: 4,
    message: expect.stringContaining('did not react'),
  })
})
