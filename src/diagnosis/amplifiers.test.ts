import { expect, test } from 'vitest'
import { caseOf, contract, contracts, node, snapshot, t0, type Cluster } from '../../test/builders.ts'
import { amplifiers } from './amplifiers.ts'

const said = (cluster: Cluster = {}) =>
  amplifiers(caseOf({ snapshot: snapshot({ ...cluster, facts: { contracts: contracts(), ...cluster.facts } }) }))
const use = { role: 'app', database: 'auth', application: 'login', total: 4, active: 1, idle: 3, idleInTransaction: 0 }

test('one standby is a single replica; one that nobody reaches takes over nothing', () => {
  expect(said()).toEqual(['single-replica'])
  const dead = { from: 'here', node: 'standby', atMs: t0, ok: false, reached: false, ms: 1, detail: 'refused' }
  expect(said({ facts: { paths: [dead], contracts: [contract('primary')] } })).toEqual(['no-failover-target'])
  const two = snapshot({ facts: { contracts: contracts() } })
  expect(amplifiers(caseOf({ snapshot: { ...two, nodes: [...two.nodes, node('third', 'standby')] } }))).toEqual([])
})

test('without a contract nobody asks as the application does', () => {
  expect(amplifiers(caseOf())).toContain('contract-missing')
})

test('old sessions that work hide that new ones are refused', () => {
  const refused = [contract('primary', { ok: false, layer: 'auth', code: '28P01' })]
  const held = { activity: { long: [], use: [use] } }
  expect(said({ primary: held, facts: { contracts: refused } })).toContain('pool-hides-change')
  expect(said({ facts: { contracts: refused } })).not.toContain('pool-hides-change')
  const report = { activity: { long: [], use: [{ ...use, role: 'report' }] } }
  expect(said({ primary: report, facts: { contracts: refused } })).not.toContain('pool-hides-change')
  const wrong = [contract('primary', { ok: false, layer: 'data' })]
  expect(said({ primary: held, facts: { contracts: wrong } })).not.toContain('pool-hides-change')
})
