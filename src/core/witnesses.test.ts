import { expect, test } from 'vitest'
import { receiver, slot, subscriptionState, t0 } from '../../test/builders.ts'
import { wordOf, type Witness } from './witnesses.ts'

const server = (inRecovery: boolean) => ({
  versionNum: 180_004,
  database: 'auth',
  systemId: '1',
  startedMs: t0,
  confLoadedMs: t0,
  inRecovery,
  nowMs: t0,
})
const standby = (name: string, wanted: Witness['wanted']): Witness => ({
  name,
  role: 'standby',
  upstream: 'primary',
  wanted: { server: server(true), ...wanted },
})
const subscriber = (workerPid: number | null, enabled = true): Witness => ({
  name: 'reports',
  role: 'subscriber',
  upstream: 'primary',
  wanted: { server: server(false), subscriptionStates: [subscriptionState({ workerPid, enabled })] },
})

test('receivers and apply workers say whether it still streams', () => {
  const nodes = [standby('one', { receiver: [receiver()] }), standby('two', { receiver: [] }), subscriber(7)]
  expect(wordOf('primary', nodes)).toEqual({ streaming: ['one', 'reports'], cutOff: ['two'] })
})

test('who is not seen, follows somebody else or is disabled says nothing', () => {
  const middle = standby('middle', { receiver: [], replicationSlots: [slot('leaf')] })
  const leaf = standby('leaf', { receiver: [receiver({ slot: 'leaf' })] })
  const hidden: Witness = { name: 'hidden', role: 'standby', upstream: 'primary', wanted: {} }
  expect(wordOf('primary', [middle, leaf, hidden, subscriber(null, false)])).toEqual({
    streaming: [],
    cutOff: ['middle'],
  })
})
