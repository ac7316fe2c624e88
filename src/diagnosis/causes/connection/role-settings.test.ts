import { expect, test } from 'vitest'
import { contract, contracts, finding, outcomes, snapshot, t0, type Cluster } from '../../../../test/builders.ts'
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
