import { describe, expect, test } from 'vitest'
import {
  change,
  contracts,
  finding,
  outcomes,
  snapshot,
  subscription,
  subscriptionState,
  touched,
  contract,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const off = snapshot({
  subscriber: {
    subscriptionStates: [subscriptionState({ enabled: false, workerPid: null })],
    subscriptions: [subscription(['users'], { enabled: false })],
  },
  facts: { contracts: contracts(), outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) },
})
const disabled = change('subscriber:subscription sub', { kind: 'topology', before: 'enabled', after: 'disabled' })
const failing = finding('application/outcomes')

test('switched off since all was good, and reads fail there: confirmed, with the change', () => {
  const diagnosis = diagnosed({ snapshot: off, changes: [disabled], findings: [failing] })
  expect(diagnosis.causes[0]).toMatchObject({
    id: 'replication/subscription-disabled',
    subject: 'subscriber:subscription sub',
    verdict: 'confirmed',
    trigger: disabled.id,
  })
})

test('off since before all was good: nobody’s outage, probable at most', () => {
  expect(named(diagnosed({ snapshot: off, findings: [failing] }))).toEqual([
    'replication/subscription-disabled probable',
  ])
})

test('off, and nothing hurts: a finding, no cause', () => {
  const calm = {
    ...off,
    facts: { ...off.facts, outcomes: snapshot({ facts: { outcomes: outcomes({}) } }).facts.outcomes },
  }
  const diagnosis = diagnosed({ snapshot: calm, changes: [disabled] })
  expect(named(diagnosis)).toEqual(['replication/subscription-disabled possible'])
  expect(diagnosis.verdict).toBe('healthy')
})

describe('harm on the same node that it cannot have done does not confirm it', () => {
  const said = (facts: NonNullable<Cluster['facts']>) =>
    named(
      diagnosed({ snapshot: { ...off, facts: snapshot({ facts }).facts }, changes: [disabled], findings: [failing] }),
    )

  test.each([
    ['connections that are refused', { outcomes: outcomes({ subscriber: '53300' }) }],
    ['a name that is not found', { outcomes: outcomes({ subscriber: '42P01' }) }],
    ['a release that fails on its publisher alike', { outcomes: outcomes({ primary: 'APP_X', subscriber: 'APP_X' }) }],
    ['rows that differ at rest', { contracts: [contract('subscriber', { ok: false, layer: 'data' as const })] }],
    ['a table of another subscription', { touched: [touched('orders', { verdict: 'lagging' as const })] }],
  ])('%s', (_, facts) => {
    expect(said(facts)).toEqual(['replication/subscription-disabled possible'])
  })

  test('a table of its own that is old does', () => {
    expect(said({ touched: [touched('users', { verdict: 'lagging' })] })).toEqual([
      'replication/subscription-disabled confirmed',
    ])
  })
})

test('another change of the subscription is no news of its being off', () => {
  const other = change('subscriber:subscription sub', {
    before: 'publication a, slot s',
    after: 'publication b, slot s',
  })
  expect(named(diagnosed({ snapshot: off, changes: [other], findings: [failing] }))).toEqual([
    'replication/subscription-disabled probable',
  ])
})

test('what failed before it was switched off is not its doing', () => {
  const before = finding('application/outcomes', { sinceMs: disabled.notBeforeMs - 1000 })
  expect(named(diagnosed({ snapshot: off, changes: [disabled], findings: [before] }))).toEqual([
    'replication/subscription-disabled possible',
  ])
})

test('what fails on the standby alike is not the subscriber’s, unless the standby has a trouble of its own', () => {
  const alike = snapshot({ facts: { outcomes: outcomes({ standby: 'APP_BAD_HASH', subscriber: 'APP_BAD_HASH' }) } })
  const said = (...more: readonly ReturnType<typeof finding>[]) =>
    named(diagnosed({ snapshot: { ...off, facts: alike.facts }, changes: [disabled], findings: [failing, ...more] }))
  expect(said()).toEqual(['replication/subscription-disabled possible'])
  expect(said(finding('replication/lag-time', { node: 'standby', severity: 'error' }))).toEqual([
    'replication/subscription-disabled confirmed',
  ])
})
