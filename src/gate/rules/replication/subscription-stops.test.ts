import { expect, test } from 'vitest'
import { subscriptionState } from '../../../../test/builders.ts'
import { rehearsal, resultsOf } from '../../testing/rehearsal.ts'
import rule from './subscription-stops.ts'

const is = (more: Parameters<typeof subscriptionState>[0]) => ({
  subscriber: { subscriptionStates: [subscriptionState(more)] },
})
const run = (...args: Parameters<typeof rehearsal>) => [...rule.run(rehearsal(...args))]

test('a subscription that is switched off is the subscription', () => {
  expect(run({ is: is({ enabled: false, workerPid: null }) })).toMatchObject([
    { object: 'subscriber:subscription sub', consequence: 'replication/subscription-disabled' },
  ])
})

test('a subscription without a worker is the setting that takes it away', async () => {
  const text = '# antemortem:on subscriber\nmax_logical_replication_workers = 0'
  const results = await resultsOf({ name: 'postgresql.conf', text })
  expect(run({ results, is: is({ workerPid: null }) })).toMatchObject([
    { object: 'subscriber:max_logical_replication_workers', nodes: ['subscriber'] },
  ])
})

test('one that works, that was off before, or that fails in a loop, is no finding of this rule', () => {
  expect(run()).toEqual([])
  const off = is({ enabled: false, workerPid: null })
  expect(run({ was: off, is: off })).toEqual([])
  const loop = {
    node: 'subscriber',
    subscription: 'sub',
    before: 0,
    polls: [2, 4],
    message: null,
    code: null,
    relation: null,
  }
  expect(run({ is: is({ workerPid: null }), applies: [loop] })).toEqual([])
})
