import { expect, test } from 'vitest'
import {
  change,
  contract,
  contracts,
  finding,
  outcomes,
  settingsFile,
  snapshot,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'connection/exhausted'
const by = (application: string, total: number, idle = total) => ({
  role: 'batch',
  database: 'auth',
  application,
  total,
  active: total - idle,
  idle,
  idleInTransaction: 0,
})
const full = { total: 97, active: 1, waitingForLock: 0, maxConnections: 100, reserved: 3 }
const refused = contract('primary', {
  ok: false,
  layer: 'capacity',
  code: '53300',
  message: 'sorry, too many clients already',
  failures: 3,
})
const findings = [
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const seed = (primary: Cluster['primary'] = { sessions: full }, facts: Cluster['facts'] = {}) =>
  snapshot({ primary, facts: { contracts: [refused], outcomes: outcomes({ primary: '53300' }), ...facts } })
const said = (snap: ReturnType<typeof snapshot>, more = {}) => named(diagnosed({ snapshot: snap, findings, ...more }))

test('all slots are taken and logins are refused: confirmed', () => {
  const diagnosis = diagnosed({ snapshot: seed(), findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('primary')
})

test('a leak is named: one application holds most, idles, and has become more', () => {
  const at = (total: number) => ({ sessions: full, activity: { long: [], use: [by('worker', total)] } })
  const leaking = { snapshot: seed(at(80)), earlier: snapshot({ primary: at(40) }), findings }
  expect(diagnosed(leaking).causes[0]).toMatchObject({
    id,
    subject: 'primary:application worker',
    verdict: 'confirmed',
  })
  expect(diagnosed({ ...leaking, earlier: snapshot({ primary: at(80) }) }).causes[0]?.subject).toBe('primary')
})

test('where the slots became fewer, the setting is named', () => {
  const lowered = change('primary:max_connections', { kind: 'setting', before: '200', after: '100' })
  expect(diagnosed({ snapshot: seed(), changes: [lowered], findings }).causes[0]).toMatchObject({
    subject: 'primary:max_connections',
    trigger: lowered.id,
  })
})

test('(a) slots that nobody has counted: probable', () => {
  expect(said(seed({ sessions: { ...full, total: 20 } }))).toEqual([`${id} probable`])
})

test('(b) while nothing is known good: probable', () => {
  expect(said(seed(), { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) a full server that refuses nobody: possible', () => {
  const calm = seed({ sessions: full }, { contracts: contracts(), outcomes: outcomes({}) })
  expect(said(calm, { findings: [] })).toEqual([`${id} possible`])
})

test('pools that have other sizes than before leave it open', () => {
  const files = [settingsFile('app1', { DB_POOL_MAX: ['10', '200'] })]
  expect(said(seed({ sessions: full }, { files }))).not.toContain(`${id} confirmed`)
})
