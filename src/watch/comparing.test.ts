import { expect, test } from 'vitest'
import { node } from '../../test/builders.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import { Comparing } from './comparing.ts'

const config = (url: string): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: ['primary', 'standby'].map((name) => ({ name, url, act: null, host: null })),
  contracts: [],
  fence: 'message',
  invariants: [],
})
const comparison = { schema: 'public', table: 'orders', source: 'primary', node: 'standby' }
const everything = (): { columns: null; rowFilter: null } => ({ columns: null, rowFilter: null })

/** What the end of one comparison says. */
async function answered(comparing: Comparing, upstream: string | null): Promise<boolean> {
  const nodes = [node('primary', 'primary'), { ...node('standby', 'standby'), upstream }]
  const end = Promise.withResolvers<boolean>()
  comparing.want([comparison])
  comparing.start(nodes, new Set(), everything, end.resolve)
  try {
    return await end.promise
  } finally {
    await comparing.close()
  }
}

test('a node that follows nobody gives no answer: whoever began the next one at once would never come to an end', async () => {
  const comparing = new Comparing(config('postgres://nobody@127.0.0.1:1/app'), Date.now, new AbortController().signal)
  expect(await answered(comparing, null)).toBe(false)
  expect([comparing.isSettled, comparing.facts()]).toEqual([false, []])
})

test('a node that cannot be asked is an answer, which waits for its next turn', async () => {
  const comparing = new Comparing(config('postgres://nobody@127.0.0.1:1/app'), Date.now, new AbortController().signal)
  expect(await answered(comparing, 'primary')).toBe(true)
  expect(comparing.facts()).toMatchObject([{ verdict: 'unverifiable', times: 1 }])
})
