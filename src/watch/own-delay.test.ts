import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { withOwnDelay } from './own-delay.ts'

test('what holds this process up is told from what it waits for', async () => {
  const busy = await withOwnDelay(async () => {
    await sleep(60)
    const until = performance.now() + 400
    while (performance.now() < until);
    await sleep(60)
    return 'held up'
  })
  expect(busy.value).toBe('held up')
  expect(busy.ownDelayMs).toBeGreaterThan(300)
  // However busy the machine: a process that waited twice as long as it was busy would have told of it above.
  const { ownDelayMs } = await withOwnDelay(async () => undefined)
  expect(ownDelayMs).toBeLessThan(busy.ownDelayMs)
})

test('a failure is handed on', async () => {
  await expect(withOwnDelay(async () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
})
