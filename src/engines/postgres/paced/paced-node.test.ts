import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { NodeReader } from '../rows/node-reader.ts'
import { PacedNode } from './paced-node.ts'

const { signal } = new AbortController()
const limits = { signal, deadlineMs: 1_000 }

/** Each statement takes so long. */
const taking = (ms: number): NodeReader => ({
  name: 'a',
  async run() {
    await sleep(ms)
    return { ok: true, rows: [], tookMs: ms }
  },
})

test('the rest for a piece of work is taken before the next one, whoever asks for it', async () => {
  const node = new PacedNode(taking(20), 0.25)
  await node.run({ text: 'select 1' }, limits)
  const startedAt = performance.now()
  await node.inTurn(signal, async () => node.run({ text: 'select 2' }, limits))
  // Three parts of rest for one of work, and the work itself.
  expect(performance.now() - startedAt).toBeGreaterThan(60)
  expect(node.asked).toEqual({ statements: 2, busyMs: 40 })
})

test('at full load there is neither rest nor ping', async () => {
  const node = new PacedNode(taking(20), 1)
  await node.run({ text: 'select 1' }, limits)
  const startedAt = performance.now()
  await node.turn(signal)
  expect(performance.now() - startedAt).toBeLessThan(15)
})
