import { expect, test } from 'vitest'
import type { EventBody } from '../core/event.ts'
import { memoryStore, standingClock } from './testing/scratch.ts'

const stopped = (reason: string): EventBody => ({ type: 'watch.stopped', reason })
const started = (incident: string): EventBody => ({ type: 'diagnosis.started', incident })

test('events come back as they were, plain and in the order of their numbers', async () => {
  await using store = await memoryStore()
  const written = await store.append('auth', [stopped('a'), started('i-1'), stopped('ünïcode 🐘 \n"quoted"')], 5)
  expect(written.map(({ seq }) => seq)).toEqual([1, 2, 3])
  const read = await store.events()
  expect(read).toStrictEqual(written)
  expect(Object.getPrototypeOf(read[0])).toBe(Object.prototype)
})

test('one may ask for a cluster, for an incident, for what came after, and for a page', async () => {
  await using store = await memoryStore()
  await store.append('auth', [stopped('a'), started('i-1')], 1)
  await store.append('shop', [stopped('b'), started('i-2')], 2)
  const seqs = async (filter: Parameters<typeof store.events>[0]) => (await store.events(filter)).map(({ seq }) => seq)
  expect(await seqs({ cluster: 'shop' })).toEqual([3, 4])
  expect(await seqs({ incident: 'i-1' })).toEqual([2])
  expect(await seqs({ afterSeq: 2 })).toEqual([3, 4])
  expect(await seqs({ afterSeq: 1, limit: 2 })).toEqual([2, 3])
})

test('a batch of thousands is one batch, and an empty one is nothing', async () => {
  await using store = await memoryStore()
  const many = Array.from({ length: 2_500 }, (_, index) => stopped(String(index)))
  expect(await store.append('auth', [], 1)).toEqual([])
  expect((await store.append('auth', many, 1)).at(-1)).toMatchObject({ seq: 2_500, reason: '2499' })
  expect(await store.events()).toHaveLength(2_500)
})

test('batches asked for at once stay whole and get one order', async () => {
  await using store = await memoryStore()
  const batches = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => store.append('auth', [stopped(name), stopped(name)], 1)),
  )
  for (const [first, second] of batches) expect(second?.seq).toBe((first?.seq ?? 0) + 1)
  expect((await store.events()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('a batch of a holder who was overtaken is refused whole, and takes no number', async () => {
  const clock = standingClock()
  await using store = await memoryStore(clock)
  const first = await store.takeLease('writer', 'one', 1_000)
  clock.move(1_000)
  const second = await store.takeLease('writer', 'two', 1_000)
  if (!first || !second) throw new Error('both had to get it in turn')
  await expect(store.append('auth', [stopped('late')], 1, first)).rejects.toMatchObject({
    code: 'lease-lost',
    exit: 4,
    message: expect.stringContaining('two has taken it'),
  })
  expect(await store.append('auth', [stopped('in time')], 1, second)).toMatchObject([{ seq: 1 }])
})
