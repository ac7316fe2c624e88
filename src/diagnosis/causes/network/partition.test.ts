import { expect, test } from 'vitest'
import { contracts, finding, host, outcomes, settingsFile, snapshot, type Cluster } from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import { lateOn, namedThere, refused, untimed } from '../../../../test/gone.ts'
import type { Case } from '../../../core/diagnosis.ts'

const id = 'network/partition'
const silent = lateOn('primary', null)
const findings = [
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const seed = (facts: Cluster['facts'] = {}) =>
  snapshot({ facts: { contracts: silent(), outcomes: outcomes({ primary: 'CLIENT_TIMEOUT' }), ...facts } })
const said = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}) =>
  namedThere(diagnosed({ snapshot: seed(facts), findings, ...more }))

test('a black hole in front of a server that answers by another way: confirmed, and the way is named', () => {
  const diagnosis = diagnosed({ snapshot: seed(), findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('here→primary')
  expect(diagnosis.suspects.find((suspect) => suspect.id === 'network')?.verdict).toBe('implicated')
})

test('(a) a probe that gave up as early as the client cannot tell it from a slow way: both are probable', () => {
  const early = silent().map(untimed)
  expect(said({ contracts: early })).toEqual(['network/latency probable', `${id} probable`])
})

test('(a) a refusal on the way is not silence: probable', () => {
  const ways = silent({ layer: 'tcp', code: 'ECONNREFUSED' }).map(untimed)
  expect(said({ contracts: ways, outcomes: outcomes({ primary: 'ECONNREFUSED' }) })).toEqual([`${id} probable`])
})

test('(b) while nothing is known good: probable', () => {
  expect(said({}, { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) ways that work: nothing', () => {
  expect(said({ contracts: contracts(), outcomes: outcomes({}) }, { findings: [] })).toEqual([])
})

test('a way that the application goes only since its file was rewritten is no damage of the network', () => {
  const files = [settingsFile('app1', { DB_HOST: ['db', 'db2'] })]
  const facts = { files, contracts: silent().slice(0, 1), outcomes: outcomes({}) }
  expect(said(facts, { findings: findings.slice(0, 1) })).toEqual(['connection/settings-changed probable'])
})

test('a node that nobody reaches, and whose host says that it runs, is cut off: probable', () => {
  const hosts = { hosts: [host('primary')], blind: [] }
  const more = { unansweredMs: { primary: 9000 } }
  expect(said({ paths: [{ ...refused, ms: 5000, detail: 'timeout' }], hosts }, more)).toEqual([`${id} probable`])
})
