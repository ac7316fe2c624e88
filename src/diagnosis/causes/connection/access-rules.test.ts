import { expect, test } from 'vitest'
import {
  change,
  contract,
  finding,
  logEntry,
  logs,
  outcomes,
  role,
  settingsFile,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import type { LastGoodFact } from '../../../core/facts/cluster.ts'

const id = 'connection/access-rules'
const good: LastGoodFact = {
  atMs: t0 - 30_000,
  by: 'first',
  nodes: [{ node: 'primary', settings: {}, roleSettings: [], accessRulesDigest: 'rules', systemId: '1' }],
}
const refusal = {
  ok: false,
  layer: 'access',
  code: '28000',
  message: 'no pg_hba.conf entry for host',
  failures: 3,
} as const
const refused = ['app1', 'app2', 'app3'].map((instance) => contract('primary', { instance, ...refusal }))
const changed = { accessRules: { rules: [], digest: 'others' } }
const findings = [
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const edited = change('primary:pg_hba.conf', { kind: 'access', before: 'a', after: 'b' })

const seed = (facts: Cluster['facts'] = {}, primary: Cluster['primary'] = changed) =>
  snapshot({
    primary,
    facts: { lastGood: good, contracts: refused, outcomes: outcomes({ primary: '28000' }), ...facts },
  })
const said = (snap: ReturnType<typeof snapshot>, more = {}) =>
  named(diagnosed({ snapshot: snap, changes: [edited], findings, ...more }))

test('rules that are others than when all was good, and logins that they refuse: confirmed, with the change', () => {
  const diagnosis = diagnosed({ snapshot: seed(), changes: [edited], findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]).toMatchObject({ subject: 'primary:pg_hba.conf', trigger: edited.id })
  expect(diagnosis.unexplained).toEqual([])
})

test('(a) rules that cannot be read, or are as they were: probable at most', () => {
  expect(said(seed({}, { accessRules: { rules: [], digest: 'rules' } }), { changes: [] })).toEqual([`${id} probable`])
})

test('(b) while nothing is known good: probable', () => {
  expect(said(seed(), { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) rules that changed and refuse nobody are no cause', () => {
  const calm = seed({ contracts: [contract('primary')], outcomes: outcomes({}) })
  expect(said(calm, { findings: [] })).toEqual([`${id} possible`])
})

test('the log tells it from a role that may not log in, where only outcomes say 28000', () => {
  const entry = logEntry('primary', { severity: 'FATAL', code: '28000', message: 'no pg_hba.conf entry for host' })
  expect(said(seed({ contracts: [], logs: logs([entry]) }))).toEqual([`${id} confirmed`])
  expect(said(seed({ contracts: [] }))).toEqual([`${id} possible`])
})

test('a refused role beside a harmless change of the rules is the role', () => {
  const nologin = refused.map((result) => ({
    ...result,
    layer: 'auth' as const,
    message: 'role is not permitted to log in',
  }))
  const roles = [role('app', { canLogin: false })]
  const altered = change('primary:role app', { kind: 'role', before: 'login', after: 'no login' })
  expect(said(seed({ contracts: nologin }, { ...changed, roles }), { changes: [edited, altered] })).toEqual([
    'connection/credentials confirmed',
    `${id} possible`,
  ])
})

test('an instance whose own user was rewritten is refused for that, whatever changed in the rules', () => {
  const file = settingsFile('app1', { DB_USER: ['app', 'other'] })
  const files = [{ ...file, keys: file.keys.map((key) => ({ ...key, oldWorks: true })) }]
  const one = [contract('primary', { instance: 'app1', ...refusal }), contract('primary', { instance: 'app2' })]
  const diagnosis = diagnosed({
    snapshot: seed({ files, contracts: one, outcomes: outcomes({}) }),
    changes: [edited],
    findings: findings.slice(0, 1),
  })
  expect(diagnosis.causes[0]).toMatchObject({ id: 'connection/settings-changed', verdict: 'confirmed' })
  expect(named(diagnosis)).not.toContain(`${id} confirmed`)
})
