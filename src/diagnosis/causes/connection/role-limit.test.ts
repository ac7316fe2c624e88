import { expect, test } from 'vitest'
import {
  change,
  contract,
  contracts,
  database,
  finding,
  outcomes,
  role,
  snapshot,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'connection/role-limit'
const use = (total: number) => ({
  long: [],
  use: [
    { role: 'app', database: 'auth', application: 'login', total, active: 1, idle: total - 1, idleInTransaction: 0 },
  ],
})
const refused = contract('primary', {
  ok: false,
  layer: 'capacity',
  code: '53300',
  message: 'too many connections for role "app"',
  failures: 3,
})
const findings = [
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const lowered = change('primary:role app', { kind: 'role', before: 'connection limit -1', after: 'connection limit 2' })
const limited = { roles: [role('app', { connectionLimit: 2 })], activity: use(2) }
const seed = (primary: Cluster['primary'] = limited, facts: Cluster['facts'] = {}) =>
  snapshot({ primary, facts: { contracts: [refused], outcomes: outcomes({ primary: '53300' }), ...facts } })
const said = (snap: ReturnType<typeof snapshot>, more = {}) =>
  named(diagnosed({ snapshot: snap, changes: [lowered], findings, ...more }))

test('a limit that was lowered and is reached: confirmed, with role and change', () => {
  const diagnosis = diagnosed({ snapshot: seed(), changes: [lowered], findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]).toMatchObject({ subject: 'primary:role app', trigger: lowered.id })
})

test('(a) a limit that is not reached refuses nobody', () => {
  expect(said(seed({ roles: [role('app', { connectionLimit: 9 })], activity: use(2) }))).not.toContain(
    `${id} confirmed`,
  )
})

test('(b) a limit that stood when all was good is reached by more work: probable; a new password is no news of it', () => {
  expect(said(seed(), { changes: [] })).toEqual([`${id} probable`])
  const altered = { ...lowered, before: 'valid until tomorrow', after: 'valid for ever' }
  expect(said(seed(), { changes: [altered] })).toEqual([`${id} probable`])
})

test('(c) a limit that is just reached and refuses nobody is no cause', () => {
  expect(said(seed(limited, { contracts: contracts(), outcomes: outcomes({}) }), { findings: [] })).toEqual([
    `${id} possible`,
  ])
})

test('a database has a limit as well', () => {
  const full = { databases: [database('auth', { connectionLimit: 6, backends: 6 })] }
  const message = 'too many connections for database "auth"'
  const altered = change('primary:database auth', { before: 'connection limit -1', after: 'connection limit 6' })
  const found = diagnosed({
    snapshot: seed(full, { contracts: [{ ...refused, message }] }),
    changes: [altered],
    findings,
  })
  expect(found.causes[0]).toMatchObject({ id, subject: 'primary:database auth', verdict: 'confirmed' })
})

test('a server without slots gives the same code', () => {
  const sessions = { total: 97, active: 1, waitingForLock: 0, maxConnections: 100, reserved: 3 }
  const told = seed(
    { ...limited, sessions },
    { contracts: [{ ...refused, message: 'sorry, too many clients already' }] },
  )
  const found = said(told)
  expect(found[0]).toBe('connection/exhausted confirmed')
  expect(found).not.toContain(`${id} confirmed`)
})
