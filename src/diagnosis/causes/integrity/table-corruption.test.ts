import { describe, expect, test } from 'vitest'
import {
  change,
  contract,
  contracts,
  database,
  finding,
  logEntry,
  logs,
  outcomes,
  snapshot,
  t0,
  table,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import { unreadLogs } from '../../../../test/gone.ts'

const id = 'integrity/table-corruption'
const users = table('users', { files: { table: 16_401, toast: 16_405, indexes: { users_pkey: 16_409 } } })
const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]
const page = (file: number, more = {}) =>
  logEntry('primary', { code: 'XX001', message: `invalid page in block 3 of relation "base/16388/${file}"`, ...more })
const facts = { contracts: contracts(), outcomes: outcomes({ primary: 'XX001' }), logs: logs([page(16_401)]) }
const said = (more: Cluster['facts'] = {}, extra: Parameters<typeof diagnosed>[0] = {}) =>
  diagnosed({ snapshot: snapshot({ primary: { tables: [users] }, facts: { ...facts, ...more } }), findings, ...extra })

test('a page cannot be read on the primary only: confirmed, the table by the number of its file', () => {
  const off = change('primary:fsync', { kind: 'setting', before: 'on', after: 'off' })
  const diagnosis = said({}, { changes: [off] })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]).toMatchObject({ subject: 'primary:public.users', trigger: off.id })
})

test('an index that the damaged table was given in the same second damaged nothing', () => {
  const off = change('primary:fsync', { kind: 'setting', before: 'on', after: 'off' })
  const index = change('primary:public.users', {
    before: 'no index CREATE INDEX made ON users',
    after: 'index CREATE INDEX made ON users',
  })
  expect(said({}, { changes: [index, off] }).causes[0]).toMatchObject({ verdict: 'confirmed', trigger: off.id })
  expect(said({}, { changes: [index] }).causes[0]).not.toHaveProperty('trigger')
})

test('its toast table is the table', () => {
  expect(said({ logs: logs([page(16_405)]) }).causes[0]).toMatchObject({
    subject: 'primary:public.users',
    verdict: 'confirmed',
  })
})

test.each([
  ['missing chunk number 0 for toast value 16420 in pg_toast_16389', { tables: [{ ...users, oid: 16_389 }] }, {}],
  ['found xmin 3 from before relfrozenxid 700', {}, { context: 'while scanning block 3 of relation "public.users"' }],
])('%s names its table otherwise', (message, primary, more) => {
  const given = snapshot({
    primary: { tables: [users], ...primary },
    facts: { ...facts, logs: logs([page(1, { message, ...more })]) },
  })
  expect(diagnosed({ snapshot: given, findings }).causes[0]).toMatchObject({
    subject: 'primary:public.users',
    verdict: 'confirmed',
  })
})

test('a file of nothing that is known may be an index: probable, with the question that decides', () => {
  const diagnosis = said({ logs: logs([page(99)]) })
  expect(named(diagnosis)).toEqual([`${id} probable`])
  expect(diagnosis.causes[0]?.subject).toBe('primary')
  expect(diagnosis.next_probe).toContain('pg_filenode_relation')
})

test('a file of an index is the index’s', () => {
  expect(named(said({ logs: logs([page(16_409)]) }))).toEqual(['integrity/index-corruption confirmed'])
})

test('an application that raises the code by itself has no damage', () => {
  const raised = logEntry('primary', { code: 'XX001', message: 'account is inconsistent' })
  expect(named(said({ logs: logs([raised]) })).join()).not.toContain('integrity/')
})

test('the same words with a checksum that was counted do', () => {
  const raised = logEntry('primary', { code: 'XX001', message: 'Seite ungültig' })
  const counted = (checksumFailures: number, atMs = t0) =>
    snapshot({
      atMs,
      primary: { tables: [users], databases: [database('auth', { checksumFailures })] },
      facts: { ...facts, logs: logs([raised]) },
    })
  expect(named(diagnosed({ snapshot: counted(3), earlier: counted(0, t0 - 20_000), findings }))).toEqual([
    `${id} probable`,
  ])
})

describe('a log that nobody reads', () => {
  const unread = (checksumFailures: number, code = 'XX001') =>
    snapshot({
      primary: { tables: [users], databases: [database('auth', { checksumFailures })] },
      facts: { ...facts, outcomes: outcomes({ primary: code }), logs: unreadLogs },
    })
  const earlier = unread(0)
  const counted = finding('integrity/checksum-failures', { node: 'primary', subject: 'primary:database auth' })

  test('and a count that grew while the application gets the code: probable, of the node', () => {
    const off = change('primary:fsync', { kind: 'setting', before: 'on', after: 'off' })
    const restarted = change('primary', { kind: 'topology', before: 'started', after: 'restarted' })
    const diagnosis = diagnosed({
      snapshot: unread(3),
      earlier,
      findings: [...findings, counted],
      changes: [off, restarted],
    })
    expect(diagnosis.causes[0]?.trigger).toBe(off.id)
    expect(named(diagnosis)).toEqual([`${id} probable`])
    expect(diagnosis.causes[0]?.subject).toBe('primary')
    expect(diagnosis.causes[0]?.remedy.words).toContain('Take reads off primary')
    expect(diagnosis.next_probe).toContain('the log of primary')
    expect(diagnosis.unexplained).toEqual([])
  })

  test('and no count, or another code: no damage that hurts', () => {
    expect(named(diagnosed({ snapshot: unread(0), earlier, findings })).join()).not.toContain('integrity/')
    expect(named(diagnosed({ snapshot: unread(3, '53300'), earlier, findings }))).toContain(`${id} possible`)
  })
})

test('logged before all was good: probable', () => {
  expect(named(said({ logs: logs([page(16_401, { firstMs: t0 - 300_000 })]) }))).toEqual([`${id} probable`])
})

test.each([
  ['nothing fails', { outcomes: outcomes({}), logs: logs([page(16_401, { count: 1 })]) }],
  ['something else fails', { outcomes: outcomes({ primary: '53300' }), logs: logs([page(16_401, { count: 1 })]) }],
])('possible where %s', (_, more) => {
  expect(named(said(more))).toEqual([`${id} possible`])
})

test('a contract that meets it is harm', () => {
  const result = contract('primary', { ok: false, layer: 'query', code: 'XX001' })
  expect(named(said({ outcomes: outcomes({}), contracts: [result] }))).toEqual([`${id} confirmed`])
})

test('two damaged tables: each is confirmed only by errors of its own', () => {
  const orders = table('orders', { files: { table: 16_501, toast: null, indexes: {} } })
  const lines = logs([page(16_401, { count: 9 }), page(16_501, { count: 1 })])
  const given = snapshot({
    primary: { tables: [users, orders] },
    subscriber: { tables: [users, orders] },
    facts: { ...facts, logs: lines },
  })
  const { causes } = diagnosed({ snapshot: given, findings })
  expect(causes.map(({ subject, verdict }) => `${subject} ${verdict}`)).toEqual([
    'primary:public.users confirmed',
    'primary:public.orders possible',
  ])
})

test('errors that only a watcher met are nobody’s harm: who compares a table reads what no client reads', () => {
  const met = (application: string) => logs([page(16_401, { count: 5, application })])
  const unheard = { outcomes: outcomes({}) }
  expect(named(said({ ...unheard, logs: met('login-1') }))).toEqual([`${id} confirmed`])
  expect(named(said({ ...unheard, logs: met('antemortem') }))).not.toContain(`${id} confirmed`)
})

test('a restart that is told before the settings that came with it is not what damaged the table', () => {
  const restart = change('primary', { kind: 'topology', before: 'started then', after: 'restarted now' })
  expect(said({}, { changes: [restart] }).causes[0]).not.toHaveProperty('trigger')
})
