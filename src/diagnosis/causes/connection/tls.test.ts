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
import type { ContractFact, LastGoodFact } from '../../../core/facts/cluster.ts'

const id = 'connection/tls'
const was: LastGoodFact = {
  atMs: t0 - 30_000,
  by: 'first',
  nodes: [{ node: 'primary', settings: { ssl: 'on' }, roleSettings: [], accessRulesDigest: 'rules', systemId: '1' }],
}
const failing = (code: string | null, message: string): readonly ContractFact[] =>
  ['app1', 'app2', 'app3'].map((instance) =>
    contract('primary', { instance, ok: false, layer: 'tls', code, message, failures: 3 }),
  )
const findings = [
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const unsupported = failing(null, 'The server does not support SSL connections')
const seed = (facts: Cluster['facts'] = {}, primary: Cluster['primary'] = { settings: { ssl: 'off' } }) =>
  snapshot({
    primary,
    facts: { lastGood: was, contracts: unsupported, outcomes: outcomes({ primary: 'CLIENT_OTHER' }), ...facts },
  })
const said = (snap: ReturnType<typeof snapshot>, more = {}) => named(diagnosed({ snapshot: snap, findings, ...more }))

test('a server that offers no TLS any more: confirmed, with the setting', () => {
  const diagnosis = diagnosed({ snapshot: seed(), findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('primary:ssl')
})

test('a certificate that has ended says so in the handshake', () => {
  const ended = failing('CERT_HAS_EXPIRED', 'certificate has expired')
  const { causes } = diagnosed({ snapshot: seed({ contracts: ended }, {}), findings })
  expect(causes[0]).toMatchObject({ id, subject: 'primary:ssl_cert_file', verdict: 'confirmed' })
})

test('(a) ssl is as it was and the handshake says nothing of a certificate: probable', () => {
  expect(said(seed({}, { settings: { ssl: 'on' } }))).toEqual([`${id} probable`])
})

test('(b) while nothing is known good: probable', () => {
  expect(said(seed(), { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) handshakes that succeed: nothing, whatever ssl says', () => {
  expect(said(seed({ contracts: contracts(), outcomes: outcomes({}) }), { findings: [] })).toEqual([])
})

test('a client that now demands what the server never offered is the client’s', () => {
  const file = settingsFile('app1', { DB_SSLMODE: ['disable', 'require'] })
  const files = [{ ...file, keys: file.keys.map((key) => ({ ...key, oldWorks: true })) }]
  const facts = { files, contracts: unsupported.slice(0, 1), outcomes: outcomes({}) }
  const { causes } = diagnosed({ snapshot: seed(facts, {}), findings: findings.slice(0, 1) })
  expect(causes[0]).toMatchObject({ id: 'connection/settings-changed', verdict: 'confirmed' })
  expect(causes.slice(1).every(({ verdict, follows }) => verdict === 'possible' && follows !== undefined)).toBe(true)
})
