import { expect, test } from 'vitest'
import type { NodeRole } from '../core/snapshot.ts'
import { round } from './round.ts'

const signal = new AbortController().signal
const later = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const asking = (order: string[]) => (role: NodeRole, takesMs: number) => ({
  role,
  poll: async (_: AbortSignal, deadlineMs: number) => {
    order.push(`${role} asked`)
    await later(Math.min(takesMs, deadlineMs))
    order.push(`${role} done`)
  },
})

test('the primary is read last, when all others have answered', async () => {
  const order: string[] = []
  const node = asking(order)
  await round([node('primary', 1), node('standby', 20), node('subscriber', 5)], {
    signal,
    deadlineMs: 500,
    headStartMs: 200,
  })
  expect(order).toEqual([
    'standby asked',
    'subscriber asked',
    'subscriber done',
    'standby done',
    'primary asked',
    'primary done',
  ])
})

test('a dead standby delays neither the primary nor the round beyond its time', async () => {
  const order: string[] = []
  const node = asking(order)
  const startedAt = performance.now()
  await round([node('primary', 1), node('standby', 60_000)], { signal, deadlineMs: 120, headStartMs: 20 })
  expect(performance.now() - startedAt).toBeLessThan(500)
  expect(order).toEqual(['standby asked', 'primary asked', 'primary done', 'standby done'])
})
