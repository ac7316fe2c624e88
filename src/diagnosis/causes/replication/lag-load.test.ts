import { expect, test } from 'vitest'
import {
  contracts,
  finding,
  outcomes,
  slot,
  snapshot,
  t0,
  touched,
  transaction,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'replication/lag-load'
const findings = [finding('application/outcomes', { node: 'standby', subject: 'standby' })]
const facts = { contracts: contracts(), outcomes: outcomes({ standby: 'APP_BAD_HASH' }) }
const at = (write: string, replay: string, more: Cluster = {}, atMs = t0) =>
  snapshot({
    atMs,
    primary: { wal: { writeLsn: write, receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 } },
    standby: {
      wal: { writeLsn: null, receiveLsn: write, replayLsn: replay, replayPaused: false, timeline: 1 },
      ...more.standby,
    },
    facts: { ...facts, ...more.facts },
  })
const past = (write = '0/10000000', replay = '0/10000000') => at(write, replay, {}, t0 - 20_000)
const now = (more: Cluster = {}) => at('0/30000000', '0/18000000', more)

test('a standby applies less than is written, and was level when that began: confirmed', () => {
  const diagnosis = diagnosed({ snapshot: now(), earlier: past(), findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('standby')
})

test('it was as far behind before: probable', () => {
  expect(named(diagnosed({ snapshot: now(), earlier: past('0/20000000', '0/14000000'), findings }))).toEqual([
    `${id} probable`,
  ])
})

test('nobody feels it: possible', () => {
  expect(named(diagnosed({ snapshot: now({ facts: { outcomes: outcomes({}) } }), earlier: past(), findings }))).toEqual(
    [`${id} possible`],
  )
})

test.each([
  ['nothing is applied at all', at('0/30000000', '0/10000000')],
  ['it keeps up', at('0/30000000', '0/2F000000')],
  ['replay waits for a session', now({ standby: { activity: { long: [transaction(1)], use: [] } } })],
  ['it is delayed on purpose', now({ standby: { settings: { recovery_min_apply_delay: '1000' } } })],
  ['it does not stream', now({ standby: { receiver: [] } })],
])('not named where %s', (_, given) => {
  expect(named(diagnosed({ snapshot: given, earlier: past(), findings })).join()).not.toContain(id)
})

test('a subscriber, by what its slot has confirmed', () => {
  const logical = (confirmedFlushLsn: string, writeLsn: string, atMs: number) =>
    snapshot({
      atMs,
      primary: {
        wal: { writeLsn, receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 },
        replicationSlots: [slot('sub', { type: 'logical', confirmedFlushLsn })],
      },
      standby: { wal: { writeLsn: null, receiveLsn: writeLsn, replayLsn: writeLsn, replayPaused: false, timeline: 1 } },
      facts: { contracts: contracts(), touched: [touched('users', { verdict: 'lagging' })] },
    })
  const diagnosis = diagnosed({
    snapshot: logical('0/18000000', '0/30000000', t0),
    earlier: logical('0/10000000', '0/10000000', t0 - 20_000),
  })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('subscriber')
})
