import { expect, test } from 'vitest'
import { contract, findingsOf, logEntry, logs, role, snapshot, t0 } from '../../../test/builders.ts'
import check from './auth.ts'

const refused = (more: Parameters<typeof contract>[1] = {}) =>
  contract('primary', {
    ok: false,
    layer: 'auth',
    code: '28P01',
    message: 'password authentication failed for user "app"',
    failures: 2,
    ...more,
  })
const found = (contracts: readonly ReturnType<typeof contract>[], roles = [role('app')]) =>
  findingsOf(check, snapshot({ primary: { roles }, facts: { contracts } }))

test('a refused login is critical at the second try and names role, route and SQLSTATE', () => {
  expect(found([refused()])).toMatchObject([
    {
      subject: 'primary:role app',
      severity: 'critical',
      evidence: { role: 'app', route: 'application', layer: 'auth', sqlstate: '28P01', role_exists: true },
    },
  ])
  expect(found([refused({ failures: 1 })])).toMatchObject([{ severity: 'warning' }])
})

test('all instances of a role are one finding, which says how many are well', () => {
  const [one, ...more] = found([refused(), refused({ instance: 'app2' }), contract('primary', { instance: 'app3' })])
  expect(one?.evidence).toMatchObject({ instances: 'app1, app2', instances_of_this_role: 3 })
  expect(more).toEqual([])
})

test.each([
  ['auth', role('app', { canLogin: false }), 'alter role "app" login;'],
  ['auth', role('app', { validUntilMs: t0 - 1000 }), "valid until 'infinity'"],
  ['auth', role('other'), 'does not exist'],
  ['auth', role('app', { validUntilMs: t0 + 86_400_000 }), '\\password "app"'],
  ['access', role('app'), 'pg_hba_file_rules'],
  ['database', role('app'), 'pg_database'],
  ['role', role('app'), 'pg_db_role_setting'],
] as const)('in layer %s the remedy follows from the row of the role', (layer, known, words) => {
  expect(found([refused({ layer })], [known])[0]?.remedy).toContain(words)
})

test('a full server, a dead one and a slow one refuse nobody’s login', () => {
  for (const layer of ['capacity', 'tcp', 'latency', 'data'] as const) expect(found([refused({ layer })])).toEqual([])
  expect(found([contract('primary')])).toEqual([])
})

test('while a server that was told to stop starts again nobody is refused for good', () => {
  const said = logs([
    logEntry('primary', { severity: 'LOG', message: 'received fast shutdown request', lastMs: t0 - 5000 }),
  ])
  const severity = (code: string) =>
    findingsOf(check, snapshot({ facts: { contracts: [refused({ layer: 'database', code })], logs: said } }))[0]
      ?.severity
  expect(severity('57P03')).toBe('warning')
  expect(severity('3D000')).toBe('critical')
})
