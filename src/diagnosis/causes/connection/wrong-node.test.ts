import { expect, test } from 'vitest'
import {
  contract,
  contracts,
  finding,
  outcomes,
  settingsFile,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'connection/wrong-node'
const standby = {
  ok: false,
  layer: 'role',
  code: '25006',
  message: 'db:5433: it is a standby, and the contract writes',
  failures: 3,
} as const
const reached = ['app1', 'app2', 'app3'].map((instance) => contract('primary', { instance, ...standby }))
const findings = [
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const seed = (facts: Cluster['facts'] = {}, primary: Cluster['primary'] = {}) =>
  snapshot({ primary, facts: { contracts: reached, outcomes: outcomes({ primary: '25006' }), ...facts } })
const said = (snap: ReturnType<typeof snapshot>, more = {}) => named(diagnosed({ snapshot: snap, findings, ...more }))

test('a standby answers where the application writes: confirmed, and the way is named', () => {
  const diagnosis = diagnosed({ snapshot: seed(), findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('here→primary')
})

test('(a) told by outcomes alone: probable, and it says what to ask', () => {
  const diagnosis = diagnosed({ snapshot: seed({ contracts: [] }), findings })
  expect(named(diagnosis)).toEqual([`${id} probable`])
  expect(diagnosis.next_probe).toContain('pg_is_in_recovery()')
})

test('(b) while nothing is known good: probable', () => {
  expect(said(seed(), { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) a contract that writes where it should: nothing', () => {
  expect(said(seed({ contracts: contracts(), outcomes: outcomes({}) }), { findings: [] })).toEqual([])
})

test('a file that was rewritten is the root, and this follows', () => {
  const file = settingsFile('app1', { DB_PORT: ['5432', '5433'] })
  const files = [{ ...file, keys: file.keys.map((key) => ({ ...key, oldWorks: true })) }]
  const one = { files, contracts: reached.slice(0, 1), outcomes: outcomes({}) }
  const { causes } = diagnosed({ snapshot: seed(one), findings: findings.slice(0, 1) })
  expect(causes.map(({ id: cause, verdict, follows }) => [cause, verdict, follows])).toEqual([
    ['connection/settings-changed', 'confirmed', undefined],
    [id, 'possible', 'connection/settings-changed'],
  ])
})

test('a role that is read-only by its settings reaches the right node', () => {
  const readOnly = reached.map((result) => ({ ...result, message: 'default_transaction_read_only is on for app' }))
  const roleSettings = [{ role: 'app', database: null, name: 'default_transaction_read_only', value: 'on' }]
  const lastGood = {
    atMs: t0 - 30_000,
    by: 'first' as const,
    nodes: [{ node: 'primary', settings: {}, roleSettings: [], accessRulesDigest: 'rules', systemId: '1' }],
  }
  const found = said(seed({ contracts: readOnly, lastGood }, { roleSettings }))
  expect(found[0]).toBe('connection/role-settings confirmed')
  expect(found).not.toContain(`${id} confirmed`)
})
