import { expect, test } from 'vitest'
import { contracts, finding, host, outcomes, settingsFile, snapshot, type Cluster } from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import { lateOn, untimed } from '../../../../test/gone.ts'
import type { Case } from '../../../core/diagnosis.ts'

const id = 'network/latency'
const slow = lateOn('subscriber', 3004)
const findings = [
  finding('connections/contract', { subject: 'contract login:app1→subscriber' }),
  finding('application/outcomes'),
]
const seed = (facts: Cluster['facts'] = {}, subscriber: Cluster['subscriber'] = {}) =>
  snapshot({ subscriber, facts: { contracts: slow(), outcomes: outcomes({ subscriber: 'CLIENT_TIMEOUT' }), ...facts } })
const said = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}, subscriber: Cluster['subscriber'] = {}) =>
  named(diagnosed({ snapshot: seed(facts, subscriber), findings, ...more }))

test('1500 ms each way in front of one node that answers at once by another way: confirmed', () => {
  const diagnosis = diagnosed({ snapshot: seed(), findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('here→subscriber')
  expect(diagnosis.suspects.find((suspect) => suspect.id === 'network')).toMatchObject({
    verdict: 'implicated',
    measured: 3002,
  })
})

test('(a) how much of it is the way was not measured: probable', () => {
  const late = slow({ code: null, ms: 900 }).map(untimed)
  expect(said({ contracts: late })).toEqual([`${id} probable`])
})

test('(b) while nothing is known good: probable', () => {
  expect(said({}, { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) ways that work: nothing', () => {
  expect(said({ contracts: contracts(), outcomes: outcomes({}) }, { findings: [] })).toEqual([])
})

test('a way that is quick while the answer is late is not slow: a query, a lock or the load', () => {
  expect(said({ contracts: slow({ code: null, ms: 900, roundTripMs: 3 }) })).toEqual([])
})

test('a host without a core left answers late on every way', () => {
  const hosts = { hosts: [host('subscriber', { cpuBusy: 1 })], blind: [] }
  const load = { nodes: [{ node: 'subscriber', active: 60, band: 3 }] }
  expect(said({ hosts }, { load })).not.toContain(`${id} confirmed`)
})

test('a few ms more than usual hurt nobody', () => {
  expect(said({ contracts: slow({ code: null, ms: 240, roundTripMs: 41 }) })).toEqual([])
})

test('a host that was rewritten leads another way: the file is asked first', () => {
  const files = [settingsFile('app1', { DB_HOST: ['db', 'far'] })]
  const facts = { files, contracts: slow().slice(0, 1), outcomes: outcomes({}) }
  expect(said(facts, { findings: findings.slice(0, 1) })).toEqual(['connection/settings-changed probable'])
})

test('a watcher without a core left is late by every way: nothing is confirmed', () => {
  const both = slow({ roundTripMs: 1200, directTripMs: 1100 })
  expect(said({ contracts: both })).not.toContain(`${id} confirmed`)
  const only = slow().map(({ directTripMs, ...rest }) => (directTripMs === undefined ? rest : rest))
  expect(said({ contracts: only })).not.toContain(`${id} confirmed`)
})

test('an application that fails otherwise is not late because our probe was', () => {
  const wrong = outcomes({ primary: 'APP_BAD_HASH', standby: 'APP_BAD_HASH', subscriber: 'APP_BAD_HASH' })
  expect(said({ outcomes: wrong }).filter((each) => each.startsWith('network/') && !each.endsWith('possible'))).toEqual(
    [],
  )
})
