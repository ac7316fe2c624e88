import { expect, test } from 'vitest'
import { slot, subscriptionState } from '../../test/builders.ts'
import { consumerOf } from './slot-consumer.ts'

const subscriber = {
  name: 'reports',
  role: 'subscriber',
  upstream: 'primary',
  wanted: { subscriptionStates: [subscriptionState({ slot: 'reports_sub' })] },
} as const
const standby = {
  name: 'standby',
  role: 'standby',
  upstream: 'primary',
  wanted: { settings: { primary_slot_name: 'standby_slot' } },
} as const
const nodes = [subscriber, standby]

test('a logical slot is read by the subscription that names it, a physical one by the standby', () => {
  expect(consumerOf(slot('reports_sub', { type: 'logical' }), 'primary', nodes)?.name).toBe('reports')
  expect(consumerOf(slot('standby_slot'), 'primary', nodes)?.name).toBe('standby')
})

test('a slot of the same name on a node that they do not follow, and a slot of nobody, have no consumer', () => {
  expect(consumerOf(slot('standby_slot'), 'old-primary', nodes)).toBeNull()
  expect(consumerOf(slot('reports_sub'), 'primary', nodes)).toBeNull()
})
