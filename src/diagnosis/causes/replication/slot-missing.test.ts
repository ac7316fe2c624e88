import { expect, test } from 'vitest'
import {
  contracts,
  finding,
  lastGood,
  logEntry,
  logs,
  outcomes,
  slot,
  snapshot,
  subscriptionState,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'replication/slot-missing'
const standbySlot = slot('standby')
const findings = [finding('application/outcomes')]
const stale = { contracts: contracts(), outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) }
const gone: Cluster = {
  primary: { replicationSlots: [standbySlot] },
  subscriber: { subscriptionStates: [subscriptionState({ workerPid: null })] },
  facts: stale,
}
const before = snapshot({ atMs: t0 - 20_000 })
const said = (cluster: Cluster = gone, earlier = before) =>
  diagnosed({ snapshot: snapshot(cluster), earlier, findings })

test('the slot of a subscription was there a moment ago and is not, and reads are stale: confirmed', () => {
  const diagnosis = said()
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('primary:slot sub')
})

test('the slot of a standby, by its setting', () => {
  const diagnosis = diagnosed({
    snapshot: snapshot({
      primary: { senders: [], replicationSlots: [slot('sub', { type: 'logical' })] },
      standby: { receiver: [], settings: { primary_slot_name: 'standby' } },
      facts: { ...stale, outcomes: outcomes({ standby: 'APP_BAD_HASH' }) },
    }),
    earlier: before,
    findings: [finding('application/outcomes', { node: 'standby', subject: 'standby' })],
  })
  expect(diagnosis.causes[0]).toMatchObject({ id, subject: 'primary:slot standby', verdict: 'confirmed' })
  // The receiver that does not stream follows from it.
  expect(diagnosis.causes[1]).toMatchObject({
    id: 'replication/standby-disconnected',
    follows: id,
    verdict: 'possible',
  })
})

test('missing since before the window, nobody saw it go: probable', () => {
  expect(named(said(gone, snapshot({ ...gone, atMs: t0 - 20_000 })))).toEqual([`${id} probable`])
})

test('nothing hurts: possible', () => {
  expect(named(said({ ...gone, facts: { ...stale, outcomes: outcomes({}) } }))).toEqual([`${id} possible`])
})

test('refused connections are no harm of it', () => {
  expect(named(said({ ...gone, facts: { ...stale, outcomes: outcomes({ subscriber: '53300' }) } }))).toEqual([
    `${id} possible`,
  ])
})

test('the log says it as well', () => {
  const line = logEntry('primary', {
    code: '42704',
    message: 'replication slot "sub" does not exist',
    role: 'replicator',
  })
  const [cause] = said({ ...gone, facts: { ...stale, logs: logs([line]) } }).causes
  expect(cause?.evidence.map(({ words }) => words).join()).toContain('42704 replication slot "sub" does not exist')
})

test.each([
  ['is switched off', { subscriptionStates: [subscriptionState({ enabled: false, workerPid: null })] }],
  ['names no slot', { subscriptionStates: [subscriptionState({ slot: null })] }],
])('a subscription that %s misses none', (_, subscriber) => {
  expect(named(said({ ...gone, subscriber })).join()).not.toContain(id)
})

test('a publisher that does not answer says nothing of its slots', () => {
  const diagnosis = diagnosed({
    snapshot: snapshot(gone),
    earlier: before,
    findings,
    unansweredMs: { primary: 20_000, standby: 10, subscriber: 10 },
  })
  expect(named(diagnosis).join()).not.toContain(id)
})

test('a name that is set on the standby and not yet live leaves the stream as it is', () => {
  const standby = { settings: { primary_slot_name: 'other' } }
  const diagnosis = said({ standby, facts: { ...stale, outcomes: outcomes({ standby: 'APP_BAD_HASH' }) } })
  expect(named(diagnosis)).toEqual([`${id} possible`])
})

test('it was there when all was known good: that is news for as long as the outage lasts', () => {
  const replication = { inRecovery: false, replayPaused: false, slots: [{ name: 'sub', isLost: false }] }
  const facts = { ...stale, lastGood: lastGood({ primary: { replication } }) }
  const diagnosis = diagnosed({ snapshot: snapshot({ ...gone, facts }), findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
})
