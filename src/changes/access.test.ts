import { expect, test } from 'vitest'
import { database, node, role, t0 } from '../../test/builders.ts'
import type { AccessRuleFact } from '../core/facts/postgres/access.ts'
import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import type { NodeRole } from '../core/snapshot.ts'
import { diff } from './diff.ts'
import { fingerprintOf } from './fingerprint.ts'

const told = (before: Partial<PostgresFacts>, after: Partial<PostgresFacts>, as: NodeRole = 'primary') =>
  diff(fingerprintOf(node(as, as, before, t0)), fingerprintOf(node(as, as, after, t0 + 1000))).map(
    ({ kind, object, before: was, after: is }) => [kind, object, was, is],
  )

const rule = (more: Partial<AccessRuleFact> = {}): AccessRuleFact => ({
  line: 1,
  file: null,
  type: 'host',
  databases: ['auth'],
  roles: ['app'],
  address: '10.0.0.0/8',
  method: 'scram-sha-256',
  error: null,
  ...more,
})
const rules = (list: readonly AccessRuleFact[], digest: string) => ({ accessRules: { rules: list, digest } })

test('a role created, dropped, and each thing that it may no longer do', () => {
  const app = role('app')
  expect(told({ roles: [] }, { roles: [app] })).toEqual([
    [
      'role',
      'primary:role app',
      null,
      'login; no superuser; no replication; no connection limit; password valid for ever',
    ],
  ])
  expect(told({ roles: [app] }, { roles: [] })).toMatchObject([['role', 'primary:role app', expect.any(String), null]])
  expect(
    told({ roles: [app] }, { roles: [role('app', { canLogin: false, connectionLimit: 5, validUntilMs: t0 })] }),
  ).toEqual([
    [
      'role',
      'primary:role app',
      'login; no connection limit; password valid for ever',
      'no login; connection limit 5; password valid until 2026-03-05T09:04:00.000Z',
    ],
  ])
})

test('a setting of a role, of a database, of a role in a database and of all', () => {
  const one = { role: 'app', database: null, name: 'search_path', value: 'public' }
  expect(told({ roleSettings: [one] }, { roleSettings: [{ ...one, value: 'nowhere' }] })).toEqual([
    ['role', 'primary:role app search_path', 'public', 'nowhere'],
  ])
  expect(
    told(
      { roleSettings: [] },
      {
        roleSettings: [
          { ...one, database: 'auth' },
          { ...one, role: null, database: 'auth' },
          { ...one, role: null },
        ],
      },
    ).map(([, object]) => object),
  ).toEqual(['primary:database auth search_path', 'primary:role app database auth search_path', 'primary:search_path'])
})

test('access rules: lines that came and went, a refused one, another order, other options', () => {
  const [app, all] = [rule(), rule({ roles: ['all'], method: 'reject' })]
  const object = 'primary:pg_hba.conf'
  expect(told(rules([app], 'a'), rules([app, { ...all, line: 2 }], 'b'))).toEqual([
    ['access', object, 'no such line', 'host auth all 10.0.0.0/8 reject'],
  ])
  expect(told(rules([app], 'a'), rules([rule({ method: 'reject' })], 'b'))).toEqual([
    ['access', object, 'host auth app 10.0.0.0/8 scram-sha-256', 'host auth app 10.0.0.0/8 reject'],
  ])
  const refused = rule({ type: null, method: null, error: 'invalid authentication method "scam"' })
  expect(told(rules([app], 'a'), rules([refused], 'b'))).toMatchObject([
    ['access', object, expect.anything(), 'line 1 is refused: invalid authentication method "scam"'],
  ])
  expect(told(rules([app, all], 'a'), rules([all, app], 'b'))).toMatchObject([
    ['access', object, expect.stringContaining('scram-sha-256; '), expect.stringContaining('reject; ')],
  ])
  expect(told(rules([app], 'a'), rules([app], 'b'))).toMatchObject([
    ['access', object, expect.anything(), expect.anything()],
  ])
  // A comment moves the lines, and nothing else.
  expect(told(rules([app], 'a'), rules([rule({ line: 7 })], 'a'))).toEqual([])
})

test('a long list of rules is told in short', () => {
  const many = Array.from({ length: 500 }, (_, i) => rule({ roles: [`r${i}`] }))
  const [change] = told(rules([], 'a'), rules(many, 'b'))
  expect(change?.[3]).toMatch(/; and 480 more$/)
})

test('a database that lets nobody in any more, and one that came; its counters and ages are no change', () => {
  const auth = database('auth')
  expect(
    told({ databases: [auth] }, { databases: [database('auth', { connectionLimit: 3, allowsConnections: false })] }),
  ).toEqual([
    [
      'access',
      'primary:database auth',
      'allows connections; no connection limit',
      'allows no connections; connection limit 3',
    ],
  ])
  expect(told({ databases: [auth] }, { databases: [auth, database('other')] })).toMatchObject([
    ['schema', 'primary:database other', null, expect.any(String)],
  ])
  const later = database('auth', { commits: 99_999, xidAge: 5_000_000, deadlocks: 4, backends: 60 })
  expect(told({ databases: [auth] }, { databases: [later] })).toEqual([])
})

test('on a standby the roles are its primary’s, the access rules its own', () => {
  const after = { ...rules([rule()], 'b'), roles: [] }
  expect(told(rules([], 'a'), after, 'standby').map(([, object]) => object)).toEqual(['standby:pg_hba.conf'])
})
