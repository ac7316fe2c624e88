import { expect, test } from 'vitest'
import { openStore } from './open.ts'
import { memoryStore, scratch } from './testing/scratch.ts'

test('a record is kept by kind and name, the last one stays, and it is forgotten', async () => {
  await using store = await memoryStore()
  expect(await store.record('rehearsal', 'a')).toBeNull()
  await store.saveRecord('rehearsal', 'a', { atMs: 1, body: { verdict: 'block' } })
  await store.saveRecord('rehearsal', 'a', { atMs: 2, body: { verdict: 'pass' } })
  await store.saveRecord('transaction', 'a', { atMs: 3, body: null })
  expect(await store.record('rehearsal', 'a')).toEqual({ atMs: 2, body: { verdict: 'pass' } })
  expect(await store.record('transaction', 'a')).toEqual({ atMs: 3, body: null })
  await store.forgetRecord('rehearsal', 'a')
  expect(await store.record('rehearsal', 'a')).toBeNull()
  expect(await store.record('transaction', 'a')).not.toBeNull()
})

test('another process finds a record', async () => {
  using place = scratch()
  const first = await openStore(`sqlite:${place.file}`, { clock: () => 1 })
  await first.saveRecord('rehearsal', 'a', { atMs: 1, body: [1] })
  await first.close()
  const second = await openStore(`sqlite:${place.file}`, { clock: () => 1 })
  expect(await second.record('rehearsal', 'a')).toEqual({ atMs: 1, body: [1] })
  await second.close()
})
