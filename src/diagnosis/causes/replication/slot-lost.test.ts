import { expect, test } from 'vitest'
import {
  change,
  contracts,
  finding,
  outcomes,
  slot,
  snapshot,
  subscriptionState,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'replication/slot-lost'
const lost = slot('sub', {
  type: 'logical',
  active: false,
  walStatus: 'lost',
  invalidation: 'wal_removed',
  inactiveSinceMs: t0 - 5_000,
})
const stale = { contracts: contracts(), outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) }
const cluster = (more: Partial<typeof lost> = {}, facts: Cluster['facts'] = stale): Cluster => ({
  primary: { replicationSlots: [{ ...lost, ...more }, slot('standby')] },
  subscriber: { subscriptionStates: [subscriptionState({ workerPid: null })] },
  facts,
})
const said = (given = cluster(), more: Parameters<typeof diagnosed>[0] = {}) =>
  diagnosed({ snapshot: snapshot(given), findings: [finding('application/outcomes')], ...more })

test('a slot that was in use after all was good, is lost, and its subscriber answers old rows: confirmed', () => {
  const diagnosis = said()
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('primary:slot sub')
})

test('the setting that let the WAL go is its trigger', () => {
  const lowered = change('primary:max_slot_wal_keep_size', { kind: 'setting', before: '-1', after: '1' })
  expect(said(cluster({ inactiveSinceMs: null }), { changes: [lowered] }).causes[0]).toMatchObject({
    id,
    verdict: 'confirmed',
    trigger: lowered.id,
  })
})

test('lost before all was good: probable', () => {
  expect(named(said(cluster({ inactiveSinceMs: t0 - 900_000 })))).toEqual([`${id} probable`])
})

test.each([
  ['nothing hurts', {}],
  ['connections are refused', { subscriber: '53300' }],
])('possible where %s', (_, failing) => {
  expect(named(said(cluster({}, { ...stale, outcomes: outcomes(failing) })))).toEqual([`${id} possible`])
})

test('a slot of nobody here is possible at most', () => {
  expect(
    named(
      said({
        ...cluster({ name: 'other' }),
        primary: { replicationSlots: [{ ...lost, name: 'other' }, slot('sub', { type: 'logical' })] },
      }),
    ),
  ).toEqual([`${id} possible`])
})

test('a slot that still has all is none, however old', () => {
  expect(named(said(cluster({ walStatus: 'extended', invalidation: null })))).toEqual([])
})
