import { describe, expect, test } from 'vitest'
import {
  contract,
  contracts,
  finding,
  logEntry,
  logs,
  outcomes,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import type { LastGoodFact } from '../../../core/facts/cluster.ts'
import type { RoleSettingFact } from '../../../core/facts/postgres/access.ts'

const id = 'connection/role-settings'
const was = (roleSettings: readonly RoleSettingFact[]): LastGoodFact => ({
  atMs: t0 - 30_000,
  by: 'first',
  nodes: [{ node: 'primary', settings: {}, roleSettings, accessRulesDigest: 'rules', systemId: '1' }],
})
const row = (name: string, value: string): RoleSettingFact => ({ role: 'app', database: null, name, value })
const findings = [
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const seed = (
  setting: RoleSettingFact,
  code: string,
  { facts = {}, primary = {} }: Pick<Cluster, 'facts' | 'primary'> = {},
) =>
  snapshot({
    primary: { roleSettings: [setting], ...primary },
    facts: {
      lastGood: was([]),
      contracts: [contract('primary', { ok: false, layer: 'query', code, message: 'failed', failures: 3 })],
      outcomes: outcomes({ primary: code }),
      ...facts,
    },
  })
const said = (snap: ReturnType<typeof snapshot>, more = {}) => named(diagnosed({ snapshot: snap, findings, ...more }))

test.each([
  ['default_transaction_read_only', 'on', '25006'],
  ['statement_timeout', '1ms', '57014'],
  ['search_path', 'nope', '42P01'],
  ['lock_timeout', '1', '55P03'],
])('%s = %s explains %s: confirmed, with the row', (name, value, code) => {
  const { causes } = diagnosed({ snapshot: seed(row(name, value), code), findings })
  expect(causes[0]).toMatchObject({ id, subject: `primary:role app ${name}`, verdict: 'confirmed' })
  expect(causes[0]?.remedy.commands).toEqual([`on primary: alter role app reset ${name};`])
})

test('(a) a setting that cannot give this code is not to blame', () => {
  expect(said(seed(row('search_path', 'nope'), '57014'))).not.toContain(`${id} confirmed`)
  expect(said(seed(row('statement_timeout', '0'), '57014'))).toEqual([])
  expect(said(seed({ ...row('search_path', 'nope'), role: 'report' }, '42P01'))).toEqual([])
})

test('(b) a row that was there when all was good is probable at most', () => {
  const setting = row('search_path', 'nope')
  expect(said(seed(setting, '42P01', { facts: { lastGood: was([setting]) } }))).toEqual([`${id} probable`])
})

test('(c) a new row that hurts nobody: possible', () => {
  const calm = { contracts: contracts(), outcomes: outcomes({}) }
  expect(said(seed(row('search_path', 'nope'), '42P01', { facts: calm }), { findings: [] })).toEqual([`${id} possible`])
})

test('a lock ends statements by any timeout: the lock is named, a new timeout beside it is not', () => {
  const lock = { role: 'app', waitMs: 5000, blockerPid: 9, blockerRole: 'nightly', blockerState: 'idle in transaction' }
  const blocked = [{ ...lock, pid: 1, blockerXactMs: 6000, relation: 'public.users' }]
  const found = said(seed(row('statement_timeout', '10s'), '57014', { primary: { blocked } }))
  expect(found[0]).toBe('contention/lock confirmed')
  expect(found).not.toContain(`${id} confirmed`)
})

test('a standby’s rows are its primary’s: one cause, not two', () => {
  const snap = seed(row('search_path', 'nope'), '42P01', {
    facts: { outcomes: outcomes({ primary: '42P01', standby: '42P01' }) },
  })
  const { causes } = diagnosed({ snapshot: snap, findings })
  expect(causes.filter((cause) => cause.id === id)).toHaveLength(1)
})

const standbyServer = {
  versionNum: 180_004,
  database: 'auth',
  systemId: '1',
  startedMs: t0 - 86_400_000,
  confLoadedMs: t0 - 86_400_000,
  inRecovery: true,
  nowMs: t0,
}

describe('a server that forbids writing to all', () => {
  const name = 'default_transaction_read_only'
  const good = (before: string): LastGoodFact => ({
    ...was([]),
    nodes: [
      { node: 'primary', settings: { [name]: before }, roleSettings: [], accessRulesDigest: null, systemId: '1' },
    ],
  })
  const refused = contract('primary', { ok: false, layer: 'role', code: '25006', message: `${name} is on for app` })
  const all = [...findings, finding('availability/no-writable-primary', { node: 'primary', subject: 'primary' })]
  const locked = ({ facts = {}, primary = {} }: Pick<Cluster, 'facts' | 'primary'> = {}) =>
    diagnosed({
      snapshot: snapshot({
        primary: { settings: { [name]: 'on' }, ...primary },
        facts: { lastGood: good('off'), contracts: [refused], outcomes: outcomes({ primary: '25006' }), ...facts },
      }),
      findings: all,
    })
  const line = logEntry('primary', {
    code: '25006',
    message: 'cannot execute INSERT in a read-only transaction',
    count: 4,
  })
  const calm = { contracts: contracts(), outcomes: outcomes({}) }

  test('is confirmed by what the contract gets, and nothing is left unexplained', () => {
    const diagnosis = locked()
    expect(named(diagnosis)[0]).toBe(`${id} confirmed`)
    expect(diagnosis.causes[0]).toMatchObject({ subject: `primary:${name}` })
    expect(diagnosis.causes[0]?.remedy.commands.join()).toContain(`alter system reset ${name}`)
    expect(diagnosis.unexplained).toEqual([])
  })

  test('or by the lines of its log, where nobody probes', () => {
    expect(named(locked({ facts: { ...calm, logs: logs([line]) } }))).toEqual([`${id} confirmed`])
  })

  test('is probable where only the application says so, or where it was so when all was good', () => {
    expect(named(locked({ facts: { contracts: contracts() } }))).toContain(`${id} probable`)
    expect(named(locked({ facts: { lastGood: good('on') } }))).toContain(`${id} probable`)
  })

  test('is possible where nobody wants to write', () => {
    expect(named(locked({ facts: calm }))).toEqual([`${id} possible`])
  })

  test.each([
    [
      'the reading role alone is given it',
      { roleSettings: [{ role: 'antemortem', database: null, name, value: 'on' }] },
    ],
    ['the role is given otherwise', { roleSettings: [row(name, 'off')] }],
    ['it is a standby', { server: standbyServer }],
  ])('is not blamed where %s', (_, primary) => {
    expect(named(locked({ primary })).filter((each) => each.startsWith(`${id} confirmed`))).toEqual([])
  })
})
