import { expect, test } from 'vitest'
import type { JournalEntry, Plan, Step } from '../../core/plan.ts'
import { planKind } from './plan.ts'
import { unfinished } from './unfinished.ts'

const step = (n: number, kind: string): Step => ({
  n,
  kind,
  words: kind,
  node: null,
  input: { change: 'ours' },
  idempotent: 'yes',
  deadlineMs: 1,
  undo: { none: 'x' },
})
const planOf = (id: string, more: Partial<Plan> = {}): Plan => ({
  id,
  kind: planKind,
  subject: 'auth: change',
  cluster: 'auth',
  basis: { fingerprint: '', atMs: 1, expiresMs: 2 },
  steps: [step(1, 'gate-look'), step(2, 'gate-transaction'), step(3, 'gate-transaction'), step(4, 'gate-test')],
  refusals: [],
  ...more,
})

interface Kept {
  readonly open: readonly Plan[]
  readonly journal?: readonly string[]
  readonly left?: boolean
}

/** `done 1`, `failed 2`: a step that failed did nothing. */
const entryOf = (words: string): JournalEntry => {
  const [word = '', n = ''] = words.split(' ')
  const phase = word === 'done' || word === 'begun' ? word : 'failed'
  const output = phase === 'failed' ? { effect: 'not-done' } : {}
  return { plan: 'gate-1', epoch: 1, n: Number(n), phase, atMs: 1, output }
}

const halfDone = ['done 1', 'done 2']

async function found(change: string, { open, journal = halfDone, left = false }: Kept) {
  const store = {
    plans: () => Promise.resolve(open),
    plan: (id: string) => Promise.resolve(planOf(id)),
    journal: () => Promise.resolve(journal.map(entryOf)),
  }
  return unfinished(store, { cluster: 'auth', change, left: () => Promise.resolve(left) })
}

test('what was left of the same change is gone on with, its way back first', async () => {
  expect(await found('ours', { open: [planOf('gate-1')] })).toMatchObject({ plan: { id: 'gate-1' }, undo: null })
  const undo = planOf('gate-1-undo-5', { undoes: 'gate-1' })
  expect(await found('ours', { open: [undo] })).toMatchObject({ plan: { id: 'gate-1' }, undo: { id: 'gate-1-undo-5' } })
  expect(await found('ours', { open: [] })).toBeNull()
  expect(await found('ours', { open: [planOf('gate-1', { kind: 'repair-rows' })] })).toBeNull()
})

test('another change that is half done stands in the way, until somebody says that it stays', async () => {
  const open = [planOf('gate-1')]
  await expect(found('other', { open })).rejects.toThrow('another change is half done in auth: plan gate-1')
  expect(await found('other', { open, left: true })).toBeNull()
})

test('one that was killed before it did anything is gone on with; one that failed before is not, and stands in nobody’s way', async () => {
  const open = [planOf('gate-1')]
  expect(await found('ours', { open, journal: ['begun 1'] })).toMatchObject({ plan: { id: 'gate-1' } })
  const journal = ['done 1', 'failed 2']
  expect(await found('ours', { open, journal })).toBeNull()
  expect(await found('other', { open, journal })).toBeNull()
  // Whether it was done nobody knows.
  expect(await found('ours', { open, journal: ['done 1', 'begun 2'] })).toMatchObject({ plan: { id: 'gate-1' } })
  await expect(found('other', { open, journal: ['done 1', 'begun 2'] })).rejects.toThrow('half done')
})

test('another change whose tests alone have failed stands in nobody’s way', async () => {
  expect(await found('other', { open: [planOf('gate-1')], journal: [...halfDone, 'done 3', 'failed 4'] })).toBeNull()
})
