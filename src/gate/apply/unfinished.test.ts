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
  steps: [step(1, 'gate-look'), step(2, 'gate-transaction'), step(3, 'gate-test')],
  refusals: [],
  ...more,
})

interface Kept {
  readonly open: readonly Plan[]
  readonly done?: readonly number[]
  readonly left?: boolean
}

async function found(change: string, { open, done = [1], left = false }: Kept) {
  const journal = done.map((n): JournalEntry => ({ plan: 'gate-1', epoch: 1, n, phase: 'done', atMs: 1, output: {} }))
  const store = {
    plans: () => Promise.resolve(open),
    plan: (id: string) => Promise.resolve(planOf(id)),
    journal: () => Promise.resolve(journal),
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

test('another change whose tests alone have failed stands in nobody’s way', async () => {
  expect(await found('other', { open: [planOf('gate-1')], done: [1, 2] })).toBeNull()
})
