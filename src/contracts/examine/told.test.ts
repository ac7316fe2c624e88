import { describe, expect, test } from 'vitest'
import { contract } from '../../../test/builders.ts'
import type { LoginFacts } from '../../engines/postgres/logins/refused-login.ts'
import type { LinkFailure } from '../../engines/postgres/index.ts'
import type { ReplicationLogins } from '../../engines/postgres/logins/replication-logins.ts'
import type { TriedLogin } from '../../engines/postgres/logins/try-replication.ts'
import type { ProbeResult } from '../probe.ts'
import { clientsToTry, preparedNote } from './pooler.ts'
import { remedyFor } from './refused.ts'
import { replicationResults } from './replication.ts'
import { tlsNotes } from './tls.ts'
import { withNotes } from './with-notes.ts'
import type { ContractNote } from './note.ts'

describe('a password that is refused', () => {
  const login = {
    code: '28P01',
    user: 'app',
    database: 'auth',
    source: '/srv/app/.env (DATABASE_URL)',
    node: 'primary',
  }
  const role = { canLogin: true, limit: -1, sessions: 3, validUntil: null, isExpired: false }
  const facts = (more: Partial<LoginFacts>): LoginFacts => ({ role, database: { limit: -1, sessions: 3 }, ...more })

  test.each([
    ['no such role', facts({ role: null }), 'There is no role app on primary'],
    [
      'one that has ended',
      facts({ role: { ...role, validUntil: '2026-01-01', isExpired: true } }),
      'ended on 2026-01-01',
    ],
    [
      'another password or verifier',
      facts({}),
      'the password in /srv/app/.env (DATABASE_URL) differs, or its verifier',
    ],
  ])('is told as %s', (_, known, words) => {
    expect(remedyFor(login, known)).toContain(words)
  })

  test('a full role is told with its numbers, a full server is not the role', () => {
    const full = { ...login, code: '53300' }
    expect(remedyFor(full, facts({ role: { ...role, limit: 3 } }))).toContain('app has 3 of its 3 sessions')
    expect(remedyFor(full, facts({ database: { limit: 3, sessions: 3 } }))).toContain('Database auth has 3 of its 3')
    expect(remedyFor(full, facts({}))).toBeNull()
  })
})

describe('a certificate', () => {
  const nowMs = Date.parse('2026-06-01T00:00:00Z')
  const certificate = {
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    names: ['db1'],
    issuer: 'Our CA',
    isSelfSigned: false,
    untilMs: nowMs,
    fitsHost: true,
  }
  const severities = (days: number, looks: 'nothing' | 'signer-and-name') =>
    tlsNotes(
      { is: 'certificate', looks, certificate: { ...certificate, untilMs: nowMs + days * 86_400_000 } },
      { sslMode: 'verify-full', nowMs },
    ).map(({ severity }) => severity)

  test('is a warning thirty days before its end, and fails who looks at it seven days before', () => {
    expect(severities(30, 'signer-and-name')).toEqual(['info'])
    expect(severities(29, 'signer-and-name')).toEqual(['info', 'warning'])
    expect(severities(7, 'signer-and-name')).toEqual(['info', 'warning'])
    expect(severities(6, 'signer-and-name')).toEqual(['info', 'error'])
    expect(severities(-1, 'nothing')).toEqual(['info', 'warning'])
  })
})

describe('logins of replication', () => {
  const standby = { host: 'db1', port: 5432, user: null, status: 'streaming', slot: 's1', isConfigured: null }
  const logins = (more: Partial<ReplicationLogins>): ReplicationLogins => ({
    standby: null,
    subscriptions: [],
    senders: [],
    ...more,
  })

  const sub = {
    name: 'sub',
    enabled: true,
    slot: null,
    runs: true,
    host: null,
    port: null,
    user: null,
  }
  const login = { host: 'db1', port: 5432, user: 'replicator', database: null }
  const refused = (layer: LinkFailure['layer'], code: string, isOwnWay: boolean): TriedLogin => ({
    ...login,
    is: 'refused',
    isOwnWay,
    failure: { why: 'no-privilege', layer, code, message: 'no', remedy: 'mend it', phase: 'startup' },
  })
  const tell = (one: TriedLogin | null, more: { readonly status?: null } = {}) =>
    replicationResults(
      [
        {
          node: 'b',
          logins: logins({ standby: { ...standby, ...more } }),
          tried: { standby: one, subscriptions: null },
        },
      ],
      'here',
    )[0]

  test('take their user from who is connected, and say that they were not tried', () => {
    const sender = { user: 'replicator', application: 'walreceiver', slot: 's1', state: 'streaming' }
    const [result] = replicationResults(
      [
        { node: 'a', logins: logins({ senders: [sender] }), tried: null },
        { node: 'b', logins: logins({ standby }), tried: null },
      ],
      'here',
    )
    expect(result).toMatchObject({ node: 'b', kind: 'standby', host: 'db1', user: 'replicator', ok: true, from: null })
    expect(result?.message).toContain('seen, not tried')
  })

  test.each([
    [
      'let in on its own way',
      { ...login, is: 'let-in', ms: 7.4, isOwnWay: true },
      true,
      '(a new login from here is let in, 7 ms)',
    ],
    [
      'let in on another way',
      { ...login, is: 'let-in', ms: 7.4, isOwnWay: false },
      true,
      '7 ms; from its own host the way is another one)',
    ],
    [
      'without a password',
      { ...login, is: 'not-tried', why: 'no password stands in it' },
      true,
      '(seen, not tried: no password stands in it)',
    ],
    [
      'refused at its own door',
      refused('access', '28000', true),
      false,
      'streaming, and a new login from here fails at its access: no',
    ],
    [
      'refused at the door of another host',
      refused('access', '28000', false),
      true,
      'from its own host the way is another one)',
    ],
    ['refused for its password, from anywhere', refused('auth', '28P01', false), false, 'fails at its auth'],
    [
      'refused for want of the place that it has itself',
      refused('capacity', '53300', true),
      true,
      'fails at its capacity',
    ],
  ] satisfies readonly (readonly [string, TriedLogin, boolean, string])[])(
    'that stream and are %s',
    (_, one, ok, words) => {
      const told = tell(one)
      expect(told?.ok).toBe(ok)
      expect(told?.message).toContain(words)
      expect(told?.remedy === null).toBe(ok)
    },
  )

  test('that do not stream fail whatever a try from here meets, and say it', () => {
    expect(tell(refused('capacity', '53300', false), { status: null })).toMatchObject({ ok: false, layer: 'capacity' })
    const letIn = tell({ ...login, is: 'let-in', ms: 1, isOwnWay: true }, { status: null })
    expect(letIn).toMatchObject({ ok: false, from: 'here', layer: null })
    expect(letIn?.remedy).toContain('Look into the log of b')
  })

  test('are nobody’s failure where they are switched off, or their node gives no answer', () => {
    const off = { ...sub, enabled: false, runs: false }
    const told = replicationResults(
      [
        { node: 'a', logins: null, tried: null },
        { node: 'b', logins: logins({ subscriptions: [off] }), tried: null },
        { node: 'c', logins: logins({ standby: { ...standby, status: null, isConfigured: false } }), tried: null },
        { node: 'd', logins: logins({ standby: { ...standby, status: null } }), tried: null },
      ],
      'here',
    )
    expect(told.map(({ node, ok, message }) => [node, ok, message])).toEqual([
      ['a', null, expect.stringContaining('cannot be seen')],
      ['b', null, 'is disabled'],
      ['d', false, expect.stringContaining('its walreceiver does not run')],
    ])
  })
})

describe('what was seen beside an answer', () => {
  const note = (severity: ContractNote['severity'], layer: ContractNote['layer']): ContractNote => ({
    about: 'sessions',
    severity,
    layer,
    code: '53300',
    message: `${layer} is wrong`,
    remedy: 'Mend it.',
  })
  const result = (ok: boolean): ProbeResult => ({
    fact: contract('primary', ok ? {} : { ok: false, layer: 'latency', message: 'late' }),
    remedy: ok ? null : 'Wait.',
    answer: null,
    server: null,
  })
  const own = { node: 'primary', tables: [] }
  const examined = (notes: readonly ContractNote[]) => ({ notes, tables: [], remedy: null })

  test('fails it where it is an error, by the layer that comes first', () => {
    const told = withNotes(result(true), examined([note('error', 'query'), note('error', 'capacity')]), own)
    expect(told.fact).toMatchObject({ ok: false, layer: 'capacity', message: 'capacity is wrong', failures: 1 })
    expect(told.remedy).toBe('Mend it.')
  })

  test('fails nothing as a warning, and does not replace a failure', () => {
    expect(withNotes(result(true), examined([note('warning', 'query')]), own).fact.ok).toBe(true)
    expect(withNotes(result(false), examined([note('error', 'query')]), own)).toMatchObject({
      fact: { layer: 'latency', message: 'late' },
      remedy: 'Wait.',
    })
  })
})

test('a prepared statement that is lost fails only who says that he uses them', () => {
  const lost = { is: 'lost', code: '26000', message: 'does not exist' } as const
  expect([true, null].map((uses) => preparedNote(lost, uses).severity)).toEqual(['error', 'warning'])
  expect(preparedNote({ is: 'carried' }, true).severity).toBe('info')
})

test('clients are opened at once only where the pooler shares its sessions, and says that it has room', () => {
  const limits = {
    poolMode: 'transaction',
    defaultPoolSize: 20,
    reservePoolSize: 0,
    maxDbConnections: 0,
    maxClientConn: 30,
    clients: 10,
  }
  const shared = { is: 'carried' } as const
  expect(clientsToTry(limits, shared, 15)).toEqual({ more: 14, note: null })
  expect(clientsToTry(limits, shared, 17).note?.message).toContain('takes 20 clients more, and a test leaves 5')
  expect(clientsToTry(limits, { is: 'kept' }, 15).note?.message).toContain('a session of its own')
  expect(clientsToTry(null, shared, 15).note?.message).toContain('does not tell')
  expect(clientsToTry(limits, shared, null).note?.message).toContain('POOL_MAX')
})
