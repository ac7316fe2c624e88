import { describe, expect, test } from 'vitest'
import {
  change,
  contracts,
  finding,
  host,
  logEntry,
  logs,
  outcomes,
  publication,
  snapshot,
  subscription,
  subscriptionState,
  t0,
  table,
  column,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import { refused as lost } from '../../../../test/gone.ts'
import type { PostgresFacts } from '../../../core/facts/postgres/index.ts'

const counted = (applyErrors: number, atMs = t0, more = {}) =>
  snapshot({
    atMs,
    subscriber: { subscriptionStates: [subscriptionState({ applyErrors, workerPid: null })], ...more },
    facts: { contracts: contracts(), outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) },
  })
const findings = [finding('application/outcomes'), finding('replication/subscription-errors', { severity: 'error' })]

test('errors that grow between equal schemas, with stale reads: confirmed', () => {
  const diagnosis = diagnosed({ snapshot: counted(3), earlier: counted(0, t0 - 20_000), findings })
  expect(diagnosis.causes[0]).toMatchObject({
    id: 'replication/apply-conflict',
    verdict: 'confirmed',
    subject: 'subscriber:subscription sub',
  })
})

test('one error, as a restart of the publisher leaves, is probable at most', () => {
  expect(named(diagnosed({ snapshot: counted(1), earlier: counted(0, t0 - 20_000), findings }))).toEqual([
    'replication/apply-conflict probable',
  ])
})

test('between different schemas the drift is the cause, and this is not named beside it', () => {
  const drifted = { tables: [table('users', { columns: [column('id', 'integer')] })] }
  expect(
    named(diagnosed({ snapshot: counted(3, t0, drifted), earlier: counted(0, t0 - 20_000, drifted), findings }))[0],
  ).toContain('replication/schema-drift')
})

test('errors that grow beside connections that are refused are possible at most', () => {
  const refused = (applyErrors: number, atMs = t0) => ({
    ...counted(applyErrors, atMs),
    facts: snapshot({ facts: { outcomes: outcomes({ subscriber: '53300' }, atMs) } }).facts,
  })
  expect(named(diagnosed({ snapshot: refused(3), earlier: refused(0, t0 - 20_000), findings }))).toEqual([
    'replication/apply-conflict possible',
  ])
})

test('a wider type on the subscriber does not hide it', () => {
  const wider = { tables: [table('users', { columns: [column('id', 'bigint'), column('password_hash')] })] }
  expect(
    named(diagnosed({ snapshot: counted(3, t0, wider), earlier: counted(0, t0 - 20_000, wider), findings })),
  ).toEqual(['replication/apply-conflict confirmed'])
})

describe('a publisher that is gone', () => {
  const dead = (standby: Partial<PostgresFacts>, facts: Cluster['facts'] = {}, workerPid: number | null = null) => {
    const at = (applyErrors: number, atMs: number) =>
      snapshot({
        atMs,
        standby,
        subscriber: { subscriptionStates: [subscriptionState({ applyErrors, workerPid })] },
        facts: {
          contracts: contracts().filter(({ node }) => node !== 'primary'),
          outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }),
          paths: [lost],
          ...facts,
        },
      })
    const { causes } = diagnosed({
      snapshot: at(3, t0),
      earlier: at(0, t0 - 20_000),
      findings,
      unansweredMs: { primary: 9_000, standby: 10, subscriber: 10 },
    })
    return causes.filter(({ id }) => id === 'replication/apply-conflict').map(({ verdict }) => verdict)
  }
  const refused = logEntry('subscriber', {
    role: null,
    code: '08006',
    message: 'subscription "sub" could not connect to the publisher: connection refused',
  })

  test.each<readonly [string, Partial<PostgresFacts>, Cluster['facts']]>([
    ['its standby lost it, too', { receiver: [] }, {}],
    ['its host has no postmaster', {}, { hosts: { hosts: [host('primary', { postmaster: 'absent' })], blind: [] } }],
    ['the worker says that it finds nobody', {}, { logs: logs([refused]) }],
  ])('sends nothing that could fail: ruled out where %s', (_, standby, facts) => {
    expect(dead(standby, facts)).toEqual(['ruled-out'])
  })

  test('may be gone from where we look only: what its subscriber counts stands', () => {
    expect(dead({})).toEqual(['confirmed'])
    expect(dead({ receiver: [] }, {}, 4711)).toEqual(['confirmed'])
  })

  test('a row that the log has named stands in the way all the same', () => {
    const row = logEntry('subscriber', {
      code: '23505',
      role: null,
      message: 'duplicate key value violates unique constraint "users_pkey"',
      context: 'processing remote data for replication target relation "public.users" in transaction 842',
    })
    expect(dead({ receiver: [] }, { logs: logs([row, refused]) })).toEqual(['confirmed'])
  })
})

describe('the log says it before any counter does', () => {
  const line = (more = {}) =>
    logEntry('subscriber', {
      code: '23505',
      role: null,
      count: 1,
      message: 'conflict detected on relation "public.users": conflict=insert_exists',
      detail: 'Key already exists in unique index "users_pkey", modified in transaction 855.',
      context:
        'processing remote data for replication origin "pg_16439" during message type "INSERT" for replication target relation "public.users" in transaction 842',
      ...more,
    })
  const said = (entry: ReturnType<typeof line>, subscriber = {}, extra: Parameters<typeof diagnosed>[0] = {}) =>
    diagnosed({
      snapshot: snapshot({
        subscriber,
        facts: {
          contracts: contracts(),
          outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }),
          logs: logs([entry]),
        },
      }),
      findings,
      ...extra,
    })

  test('with table and constraint, at its first line: confirmed', () => {
    const [cause] = said(line()).causes
    expect(cause).toMatchObject({ id: 'replication/apply-conflict', verdict: 'confirmed' })
    expect(cause?.subject).toBe('subscriber:subscription sub')
    expect(cause?.remedy.words).toContain('public.users')
    expect(cause?.remedy.words).toContain('users_pkey')
  })

  test('as 15 to 17 write it', () => {
    const old = line({ message: 'duplicate key value violates unique constraint "users_pkey"', detail: null })
    expect(named(said(old))).toEqual(['replication/apply-conflict confirmed'])
  })

  test('the same words in a session of a client are no apply worker’s', () => {
    const own = line({
      role: 'app',
      context: null,
      message: 'duplicate key value violates unique constraint "users_pkey"',
    })
    expect(named(said(own))).toEqual([])
  })

  test('what it says of old is over', () => {
    expect(named(said(line({ firstMs: t0 - 90_000, lastMs: t0 - 80_000 })))).toEqual([])
  })

  test('logged since before all was good: probable', () => {
    expect(named(said(line({ firstMs: t0 - 300_000 })))).toEqual(['replication/apply-conflict probable'])
  })

  test('a disk that is full under the worker is not a row in its way', () => {
    const full = line({ code: '53100', message: 'could not extend file: No space left on device', detail: null })
    expect(named(said(full)).join()).not.toContain('apply-conflict')
  })

  test('of two subscriptions the one is meant that brings the table', () => {
    const states = ['sub', 'other'].map((name) => subscriptionState({ name }))
    const subscriptions = [subscription(['users']), subscription(['orders'], { name: 'other' })]
    expect(said(line(), { subscriptionStates: states, subscriptions }).causes.map(({ subject }) => subject)).toEqual([
      'subscriber:subscription sub',
    ])
  })

  test('a subscription that switched itself off for it is its sequel', () => {
    const off = {
      subscriptionStates: [subscriptionState({ enabled: false, workerPid: null })],
      subscriptions: [subscription(['users'], { enabled: false })],
    }
    const disabled = change('subscriber:subscription sub', { kind: 'topology', before: 'enabled', after: 'disabled' })
    const { causes } = said(line({ lastMs: t0 - 2_500 }), off, { changes: [disabled] })
    expect(causes.map(({ id, verdict, follows }) => [id, verdict, follows])).toEqual([
      ['replication/apply-conflict', 'confirmed', undefined],
      ['replication/subscription-disabled', 'possible', 'replication/apply-conflict'],
    ])
  })

  test('a constraint that only the subscriber has is a difference of the schemas', () => {
    const tables = [table('users', { constraints: ['CHECK ((length(password_hash) < 9))', 'PRIMARY KEY (id)'] })]
    const check = line({
      code: '23514',
      message: 'new row for relation "users" violates check constraint "short"',
      detail: null,
    })
    const added = change('subscriber:public.users', {
      before: 'no constraint CHECK ((length(password_hash) < 9))',
      after: 'constraint CHECK ((length(password_hash) < 9))',
    })
    expect(named(said(check, { tables }, { changes: [added] }))).toEqual(['replication/schema-drift confirmed'])
  })

  test('so is a unique index of its own', () => {
    const own = 'CREATE UNIQUE INDEX users_hash_key ON public.users USING btree (password_hash)'
    const tables = [table('users', { indexes: [...table('users').indexes, own] })]
    const double = line({ detail: 'Key already exists in unique index "users_hash_key", modified in transaction 855.' })
    const added = change('subscriber:public.users', { before: `no index ${own}`, after: `index ${own}` })
    expect(named(said(double, { tables }, { changes: [added] }))).toEqual(['replication/schema-drift confirmed'])
  })

  test('a row in the way of one table is not the difference of another', () => {
    const tables = [table('orders', { columns: [column('id', 'integer'), column('note')] }), table('users')]
    const given = snapshot({
      primary: { tables, publications: [publication(['users', 'orders'])] },
      subscriber: { tables: [table('orders'), table('users')] },
      facts: { contracts: contracts(), outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }), logs: logs([line()]) },
    })
    const added = change('primary:public.orders', { before: 'no column note', after: 'column note text' })
    const { causes } = diagnosed({ snapshot: given, findings, changes: [added] })
    expect(causes.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      'replication/apply-conflict confirmed',
      'replication/schema-drift possible',
    ])
  })
})
