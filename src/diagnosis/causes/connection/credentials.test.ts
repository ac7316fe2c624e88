import { describe, expect, test } from 'vitest'
import {
  change,
  contract,
  contracts,
  database,
  finding,
  outcomes,
  role,
  settingsFile,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'connection/credentials'
const refused = ['app1', 'app2', 'app3'].map((instance) =>
  contract('primary', {
    instance,
    ok: false,
    layer: 'auth',
    code: '28P01',
    message: 'password authentication failed for user "app"',
    failures: 3,
  }),
)
const findings = [
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const altered = change('primary:role app', { kind: 'role', before: 'login', after: 'no login' })
const seed = (primary: NonNullable<Cluster['primary']>, facts: Cluster['facts'] = {}) =>
  snapshot({ primary, facts: { contracts: refused, outcomes: outcomes({ primary: '28P01' }), ...facts } })
const said = (snap: ReturnType<typeof snapshot>, more = {}) =>
  named(diagnosed({ snapshot: snap, changes: [altered], findings, ...more }))

describe('the role', () => {
  const nologin = { roles: [role('app', { canLogin: false })] }

  test('lost its LOGIN: confirmed, with the change', () => {
    const diagnosis = diagnosed({ snapshot: seed(nologin), changes: [altered], findings })
    expect(named(diagnosis)).toEqual([`${id} confirmed`])
    expect(diagnosis.causes[0]).toMatchObject({ subject: 'primary:role app', trigger: altered.id })
  })

  test('is gone', () => {
    const dropped = change('primary:role app', { kind: 'role', before: 'login', after: null })
    expect(said(seed({ roles: [] }), { changes: [dropped] })).toEqual([`${id} confirmed`])
  })

  test('has ended since all was good: that needs no change; one that ended before is nobody’s outage', () => {
    const until = (validUntilMs: number) => seed({ roles: [role('app', { validUntilMs })] })
    expect(said(until(t0 - 10_000), { changes: [] })).toEqual([`${id} confirmed`])
    expect(said(until(t0 - 90_000), { changes: [] })).toEqual([`${id} probable`])
    expect(said(until(t0 + 90_000), { changes: [] })).toEqual([`${id} probable`])
  })

  test('(a) is as it was: a password that was changed shows in no view, probable', () => {
    expect(said(seed({}), { changes: [] })).toEqual([`${id} probable`])
  })

  test('(b) while nothing is known good: probable', () => {
    expect(said(seed(nologin), { lastGoodMs: null })).toEqual([`${id} probable`])
  })

  test('(c) hurts nobody: possible', () => {
    const calm = { contracts: contracts(), outcomes: outcomes({}) }
    expect(said(seed(nologin, calm), { findings: [] })).toEqual([`${id} possible`])
  })

  test('is not to blame for an instance whose own password was rewritten', () => {
    const file = settingsFile('app1', { DB_PASSWORD: ['#1', '#2'] })
    const one = [...refused.slice(0, 1), contract('primary', { instance: 'app2' })]
    const facts = { contracts: one, outcomes: outcomes({}), files: [file] }
    const found = said(seed({}, facts), { changes: [], findings: findings.slice(0, 1) })
    expect(found).toEqual(['connection/settings-changed probable'])
  })
})

describe('the database', () => {
  const missing = contract('primary', {
    ok: false,
    layer: 'database',
    code: '3D000',
    message: 'database "auth" does not exist',
    failures: 3,
  })
  const facts = { contracts: [missing], outcomes: outcomes({ primary: '3D000' }) }

  test('is gone or closed since all was good: confirmed', () => {
    const dropped = change('primary:database auth', { before: 'database', after: null })
    const found = diagnosed({ snapshot: seed({ databases: [] }, facts), changes: [dropped], findings })
    expect(found.causes[0]).toMatchObject({ id, subject: 'primary:database auth', verdict: 'confirmed' })
    const closed = { databases: [database('auth', { allowsConnections: false })] }
    expect(said(seed(closed, facts), { changes: [{ ...dropped, after: 'no connections' }] })).toEqual([
      `${id} confirmed`,
    ])
  })

  test('is as it was: a right that was taken shows in no view of ours, probable', () => {
    expect(said(seed({}, facts))).toEqual([`${id} probable`])
  })

  test('is not to blame while the server starts', () => {
    const starting = { ...missing, code: '57P03', message: 'the database system is starting up' }
    expect(said(seed({}, { contracts: [starting] }), { changes: [] })).toEqual([])
  })
})
