import { describe, expect, test } from 'vitest'
import type { Layer } from '../core/facts/cluster.ts'
import { classify, type Phase } from '../engines/postgres/index.ts'
import { layerOf, type ProbeContext } from './layer.ts'

const context: ProbeContext = {
  role: 'app',
  database: 'auth',
  source: '/srv/app/.env (DATABASE_URL)',
  ownTimeoutMs: 0,
  queryTimeoutMs: 2_000,
}

interface Row {
  readonly code?: string
  readonly routine?: string
  readonly message: string
}

const verdict = (phase: Phase, { code, routine, message }: Row, own: Partial<ProbeContext> = {}) =>
  layerOf(classify(Object.assign(new Error(message), { code, routine }), phase, 'db1:5432/auth'), {
    ...context,
    ...own,
  })

/** What node-postgres says, as it was measured: GATE §3. */
const table: readonly (readonly [Layer, Phase, Row])[] = [
  ['dns', 'dns', { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND db1' }],
  ['dns', 'dns', { code: 'EAI_AGAIN', message: 'getaddrinfo EAI_AGAIN db1' }],
  ['tcp', 'tcp', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.0.0.1:5432' }],
  ['tcp', 'tcp', { code: 'EHOSTUNREACH', message: 'connect EHOSTUNREACH' }],
  ['tcp', 'startup', { code: 'ECONNRESET', message: 'read ECONNRESET' }],
  ['tcp', 'tls', { code: 'ECONNRESET', message: 'read ECONNRESET' }],
  ['tcp', 'tcp', { code: 'CLIENT_DEADLINE', message: 'no answer within 500 ms' }],
  ['tcp', 'tcp', { code: 'ENOENT', message: 'connect ENOENT /run/postgresql/.s.PGSQL.5432' }],
  ['tcp', 'startup', { message: 'Connection terminated unexpectedly' }],
  ['tcp', 'startup', { code: 'NOT_POSTGRESQL', message: 'does not speak the PostgreSQL protocol' }],
  ['tls', 'tls', { message: 'The server does not support SSL connections' }],
  ['tls', 'tls', { message: 'There was an error establishing an SSL connection' }],
  ['tls', 'tls', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' }],
  ['tls', 'tls', { code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' }],
  [
    'tls',
    'tls',
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: "Hostname/IP does not match certificate's altnames" },
  ],
  ['tls', 'tls', { code: 'EPROTO', message: 'tlsv1 alert protocol version' }],
  ['tls', 'tcp', { code: 'ENOENT', message: "ENOENT: no such file or directory, open '/etc/ssl/root.crt'" }],
  [
    'access',
    'startup',
    { code: '28000', routine: 'ClientAuthentication', message: 'no pg_hba.conf entry for host "10.0.0.9", user "app"' },
  ],
  [
    'auth',
    'startup',
    { code: '28000', routine: 'InitializeSessionUserId', message: 'role "app" is not permitted to log in' },
  ],
  ['auth', 'startup', { code: '28P01', message: 'password authentication failed for user "app"' }],
  ['auth', 'startup', { message: 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string' }],
  ['auth', 'startup', { code: '08P01', message: 'SASL authentication failed' }],
  ['auth', 'startup', { code: '08P01', message: 'password authentication failed for user "app"' }],
  ['database', 'startup', { code: '08P01', message: 'no such database: autth' }],
  ['database', 'startup', { code: '08P01', message: 'database "nodb" does not exist' }],
  ['tcp', 'startup', { code: '08P01', message: 'pgbouncer cannot connect to server' }],
  ['tcp', 'startup', { code: '08P01', message: 'server login has been failing, try again later (server_login_retry)' }],
  ['query', 'startup', { code: '08P01', message: 'unsupported startup parameter: options' }],
  ['capacity', 'startup', { code: '08P01', message: 'no more connections allowed (max_client_conn)' }],
  ['capacity', 'ready', { code: '08P01', message: 'query_wait_timeout' }],
  ['database', 'startup', { code: '3D000', message: 'database "auth" does not exist' }],
  ['database', 'startup', { code: '55000', message: 'database "auth" is not currently accepting connections' }],
  [
    'database',
    'startup',
    { code: '42501', routine: 'CheckMyDatabase', message: 'permission denied for database "auth"' },
  ],
  // Before 16, and from then on.
  ['role', 'startup', { code: '42501', message: 'must be superuser or replication role to start walsender' }],
  ['role', 'startup', { code: '42501', message: 'permission denied to start WAL sender' }],
  [
    'capacity',
    'startup',
    { code: '53300', message: 'number of requested standby connections exceeds "max_wal_senders" (currently 2)' },
  ],
  ['database', 'startup', { code: '57P03', message: 'the database system is starting up' }],
  ['capacity', 'startup', { code: '53300', message: 'too many connections for role "app"' }],
  ['capacity', 'startup', { code: '53300', message: 'sorry, too many clients already' }],
  ['capacity', 'startup', { code: '08P01', message: 'query_wait_timeout' }],
  ['tcp', 'ready', { code: '57P01', message: 'terminating connection due to administrator command' }],
  ['tcp', 'ready', { message: 'Connection terminated unexpectedly' }],
  ['role', 'ready', { code: '42501', message: 'permission denied for table users' }],
  ['query', 'ready', { code: '42P01', message: 'relation "users" does not exist' }],
  ['query', 'ready', { code: '25006', message: 'cannot execute UPDATE in a read-only transaction' }],
  ['query', 'ready', { code: '40001', message: 'canceling statement due to conflict with recovery' }],
  ['query', 'ready', { code: '55P03', message: 'canceling statement due to lock timeout' }],
  ['query', 'ready', { code: '57014', message: 'canceling statement due to user request' }],
  ['query', 'ready', { code: 'XX001', message: 'invalid page in block 3 of relation base/5/16385' }],
  ['query', 'startup', { code: '42704', message: 'unrecognized configuration parameter "sarch_path"' }],
  ['latency', 'ready', { code: 'CLIENT_DEADLINE', message: 'no answer within 2500 ms' }],
  ['latency', 'startup', { code: 'CLIENT_DEADLINE', message: 'no answer within 2000 ms' }],
]

describe('layerOf', () => {
  test.each(table)('%s: %s %o', (layer, phase, row) => {
    const said = verdict(phase, row)
    expect(said.layer).toBe(layer)
    expect(said.code).toBe(row.code ?? null)
    expect(said.message).toContain(row.message)
    expect(said.remedy).toMatch(/^[A-Za-z`].*[.;]$/s)
  })

  test("a statement that the session's own timeout ends is the role's settings; one that ours ends is slow", () => {
    const row = { code: '57014', message: 'canceling statement due to statement timeout' }
    expect(verdict('ready', row, { ownTimeoutMs: 1 })).toMatchObject({
      layer: 'role',
      remedy: expect.stringContaining('pg_db_role_setting'),
    })
    expect(verdict('ready', row, { ownTimeoutMs: null })).toMatchObject({ layer: 'role' })
    expect(verdict('ready', row, { ownTimeoutMs: 0 })).toMatchObject({ layer: 'latency' })
    expect(verdict('ready', row, { ownTimeoutMs: 60_000 })).toMatchObject({ layer: 'latency' })
  })

  test.each([
    ['permission denied for table users', 'grant select on users to app;'],
    ['permission denied for schema auth', 'grant usage on schema auth to app;'],
    ['permission denied for function hash', 'grant execute on function hash to app;'],
    ['permission denied for sequence s', 'grant select on sequence s to app;'],
  ])('%s is mended by %s', (message, remedy) => {
    expect(verdict('ready', { code: '42501', message }).remedy).toBe(remedy)
  })

  test('a name that needs quotes gets them', () => {
    const said = verdict('ready', { code: '42501', message: 'permission denied for table users' }, { role: 'My "App"' })
    expect(said.remedy).toBe('grant select on users to "My ""App""";')
  })

  test("the application's file is named where its settings decide", () => {
    for (const [layer, phase, row] of table.filter(([each]) => ['dns', 'tls'].includes(each)))
      expect(`${layer} ${verdict(phase, row).remedy}`).toContain('/srv/app/.env (DATABASE_URL)')
  })
})
