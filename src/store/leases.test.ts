import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AntemortemError } from '../core/error.ts'
import type { Lease } from './store.ts'
import { memoryStore, standingClock } from './testing/scratch.ts'

test('a lease is one holder’s until its time is out; the next holder has a higher epoch', async () => {
  const clock = standingClock(1_000)
  await using store = await memoryStore(clock)
  expect(await store.leaseOf('plan:a')).toBe(null)
  expect(await store.takeLease('plan:a', 'one', 500)).toEqual({
    name: 'plan:a',
    holder: 'one',
    epoch: 1,
    untilMs: 1_500,
  })
  expect(await store.takeLease('plan:a', 'two', 500)).toBe(null)
  expect(await store.takeLease('plan:b', 'two', 500)).toMatchObject({ epoch: 1 })
  clock.move(500)
  expect(await store.takeLease('plan:a', 'two', 500)).toMatchObject({ holder: 'two', epoch: 2 })
})

test('a renewed lease goes on; one that was late is still held while nobody took it; a released one is free at once', async () => {
  const clock = standingClock(0)
  await using store = await memoryStore(clock)
  const lease = await store.takeLease('writer', 'one', 500)
  if (!lease) throw new Error('nobody else is there')
  clock.move(400)
  expect(await store.renewLease(lease, 500)).toMatchObject({ epoch: 1, untilMs: 900 })
  clock.move(10_000)
  expect(await store.renewLease(lease, 500)).toMatchObject({ epoch: 1, untilMs: 10_900 })
  await store.releaseLease(lease)
  expect(await store.renewLease(lease, 500)).toBe(null)
  expect(await store.takeLease('writer', 'two', 500)).toMatchObject({ epoch: 2 })
  await store.releaseLease(lease)
  expect(await store.leaseOf('writer')).toMatchObject({ holder: 'two' })
})

const action = fc.record({
  who: fc.constantFrom('one', 'two', 'three'),
  what: fc.constantFrom('take', 'renew', 'release', 'write', 'wait'),
})

/** The same actions on the store and on three variables; gives what both said. */
async function compare(actions: readonly { who: string; what: string }[]): Promise<[unknown[], unknown[]]> {
  const clock = standingClock()
  await using store = await memoryStore(clock)
  const leases = new Map<string, Lease>()
  const model = { epoch: 0, holder: null as string | null, untilMs: 0 }
  const said: unknown[] = []
  const expected: unknown[] = []
  for (const { who, what } of actions) {
    const lease = leases.get(who)
    const holds = model.holder === who && lease?.epoch === model.epoch
    if (what === 'wait') clock.move(60)
    else if (what === 'take') {
      const taken = await store.takeLease('writer', who, 100)
      if (taken) leases.set(who, taken)
      said.push(taken?.epoch ?? null)
      const free = model.untilMs <= clock()
      if (free) Object.assign(model, { epoch: model.epoch + 1, holder: who, untilMs: clock() + 100 })
      expected.push(free ? model.epoch : null)
    } else if (lease && what === 'renew') {
      said.push((await store.renewLease(lease, 100)) !== null)
      if (holds) model.untilMs = clock() + 100
      expected.push(holds)
    } else if (lease && what === 'release') {
      await store.releaseLease(lease)
      if (holds) Object.assign(model, { holder: null, untilMs: 0 })
    } else if (lease) {
      const write = store.append('auth', [{ type: 'watch.stopped', reason: who }], 1, lease)
      said.push(
        await write.then(
          () => 'written',
          (error: unknown) => (error instanceof AntemortemError ? error.code : error),
        ),
      )
      expected.push(holds ? 'written' : 'lease-lost')
    }
  }
  return [said, expected]
}

test('whatever holders do, epochs only rise, and only the last of them can write', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const [said, expected] = await compare(actions)
      expect(said).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
