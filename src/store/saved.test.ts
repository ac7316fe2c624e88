import { expect, test } from 'vitest'
import type { JournalEntry, Plan } from '../core/plan.ts'
import type { Proof } from '../core/proof.ts'
import type { Lease, Store } from './store.ts'
import { memoryStore, standingClock } from './testing/scratch.ts'

const aPlan = (id: string, steps = 2): Plan => ({
  id,
  kind: 'test',
  subject: 'reports:public.users',
  cluster: 'auth',
  basis: { fingerprint: 'f', atMs: 1, expiresMs: 2 },
  steps: Array.from({ length: steps }, (_, index) => ({
    n: index + 1,
    kind: 'line',
    words: `writes line ${index + 1}`,
    node: null,
    input: {},
    idempotent: 'check-first',
    undo: { none: 'a test' },
    deadlineMs: 1_000,
  })),
  refusals: [],
})

const lease = async (store: Store): Promise<Lease> => {
  const taken = await store.takeLease('plan:x', 'test', 1_000)
  if (!taken) throw new Error('nobody else is there')
  return taken
}

const entry = (plan: string, n: number, phase: JournalEntry['phase']): JournalEntry => ({
  plan,
  epoch: 1,
  n,
  phase,
  atMs: 5,
  output: { rows: 3 },
})

test('a plan comes back as it was; saved again it is the same, and another one under its id is refused', async () => {
  await using store = await memoryStore()
  await store.savePlan(aPlan('p-1'))
  await store.savePlan(aPlan('p-1'))
  expect(await store.plan('p-1')).toStrictEqual(aPlan('p-1'))
  expect(await store.plan('p-2')).toBe(null)
  await expect(store.savePlan(aPlan('p-1', 3))).rejects.toMatchObject({ code: 'plan-exists' })
})

test('open plans are those that were begun and are neither finished nor undone', async () => {
  await using store = await memoryStore()
  const held = await lease(store)
  for (const id of ['planned', 'half', 'finished', 'stuck']) await store.savePlan(aPlan(id))
  await store.journalAppend(held, entry('half', 1, 'begun'), entry('half', 1, 'done'))
  await store.journalAppend(held, entry('finished', 1, 'done'), entry('finished', 2, 'done'))
  await store.journalAppend(held, entry('stuck', 1, 'begun'))
  const ids = async (open?: boolean) => (await store.plans(open === undefined ? {} : { open })).map(({ id }) => id)
  expect(await ids()).toEqual(['planned', 'half', 'finished', 'stuck'])
  expect(await ids(true)).toEqual(['half', 'stuck'])
  expect(await ids(false)).toEqual(['planned', 'finished'])
})

test('the journal keeps its order, is written together, and only under the lease', async () => {
  const clock = standingClock()
  await using store = await memoryStore(clock)
  const held = await lease(store)
  await store.savePlan(aPlan('p-1'))
  await store.journalAppend(held, entry('p-1', 2, 'begun'))
  await store.journalAppend(held, entry('p-1', 2, 'failed'), entry('p-1', 1, 'begun'))
  expect(await store.journal('p-1')).toStrictEqual([
    entry('p-1', 2, 'begun'),
    entry('p-1', 2, 'failed'),
    entry('p-1', 1, 'begun'),
  ])
  await expect(store.journalAppend(held, entry('p-1', 1, 'done'), entry('no such plan', 1, 'done'))).rejects.toThrow(
    'FOREIGN KEY',
  )
  clock.move(1_000)
  await lease(store)
  await expect(store.journalAppend(held, entry('p-1', 1, 'done'))).rejects.toMatchObject({ code: 'lease-lost' })
  expect(await store.journal('p-1')).toHaveLength(3)
})

test('the first image of a step stays: a repeated step would see its own work', async () => {
  await using store = await memoryStore()
  await store.savePlan(aPlan('p-1'))
  await store.saveImage('p-1', 2, [{ id: 1, name: 'before' }])
  await store.saveImage('p-1', 1, [])
  await store.saveImage('p-1', 2, [{ id: 1, name: 'after' }])
  expect(await store.images('p-1')).toEqual([
    { n: 1, rows: [] },
    { n: 2, rows: [{ id: 1, name: 'before' }] },
  ])
})

test('proofs are kept in their order, and the last known good state is replaced', async () => {
  await using store = await memoryStore()
  const proof = (outage: string): Proof => ({
    guard: 'check:replication/publication-covers',
    outage,
    cell: 'detect',
    atMs: 3,
    how: 'drill',
    harmWithout: true,
    caughtWith: true,
    figures: { noticedMs: 812 },
    artefact: 'ab12',
    program: '0.1.0',
    ok: true,
  })
  await store.saveProof(proof('000'))
  await store.saveProof(proof('001'))
  expect(await store.proofs()).toEqual([proof('000'), proof('001')])

  expect(await store.lastGood('auth')).toBe(null)
  await store.saveLastGood('auth', { atMs: 1, fingerprint: { primary: { wal_level: 'logical' } } })
  await store.saveLastGood('shop', { atMs: 1, fingerprint: [] })
  await store.saveLastGood('auth', { atMs: 2, fingerprint: { primary: null } })
  expect(await store.lastGood('auth')).toEqual({ atMs: 2, fingerprint: { primary: null } })
})
