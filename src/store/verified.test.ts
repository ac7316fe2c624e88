import { expect, test } from 'vitest'
import { openStore } from './open.ts'
import { memoryStore, scratch } from './testing/scratch.ts'

const users = { cluster: 'auth', source: 'primary', target: 'standby', relation: 'public.users' }
const orders = { ...users, relation: 'public.orders' }

test('how far a table was compared is kept, replaced, and forgotten for this table only', async () => {
  await using store = await memoryStore()
  expect(await store.verified(users)).toBeNull()
  await store.saveVerified(users, { stamp: 'a', atMs: 1, body: { after: ['5'] } })
  await store.saveVerified(users, { stamp: 'b', atMs: 2, body: { after: ['é"'] } })
  await store.saveVerified(orders, { stamp: 'c', atMs: 3, body: null })
  expect(await store.verified(users)).toEqual({ stamp: 'b', atMs: 2, body: { after: ['é"'] } })
  expect(await store.verifiedOf('auth')).toEqual([
    { ...orders, stamp: 'c', atMs: 3, body: null },
    { ...users, stamp: 'b', atMs: 2, body: { after: ['é"'] } },
  ])
  expect(await store.verifiedOf('shop')).toEqual([])
  await store.forgetVerified([users])
  expect(await store.verified(users)).toBeNull()
  expect(await store.verified(orders)).toEqual({ stamp: 'c', atMs: 3, body: null })
})

test('another process finds what was saved', async () => {
  using place = scratch()
  const first = await openStore(`sqlite:${place.file}`, { clock: () => 1 })
  await first.saveVerified(users, { stamp: 'a', atMs: 1, body: [1] })
  await first.close()
  const second = await openStore(`sqlite:${place.file}`, { clock: () => 1 })
  expect(await second.verified(users)).toEqual({ stamp: 'a', atMs: 1, body: [1] })
  await second.close()
})
