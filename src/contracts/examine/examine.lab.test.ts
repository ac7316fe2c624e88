import { beforeAll, describe, expect, test } from 'vitest'
import { hasOpenssl } from '../../../test/certificates.ts'
import { hasPgbouncer, startPgbouncer } from '../../../test/pgbouncer.ts'
import { testLab } from '../../lab/testing.ts'
import { waitUntil } from '../../lab/wait.ts'
import { withoutReplicationLine } from '../testing/break-replication.ts'
import { withTls } from '../testing/break-tls.ts'
import { app, by, lab, tryIt, useLab, type Broken } from '../testing/scene.ts'
import type { TestedContract } from '../test-contract.ts'
import type { NoteAbout } from './note.ts'
import { testReplication } from './test-replication.ts'

beforeAll(async () => useLab(await testLab()))

const said = ({ notes }: TestedContract, about: NoteAbout): string =>
  notes
    .filter((note) => note.about === about)
    .map(({ severity, message }) => `${severity}: ${message}`)
    .join('\n')

describe('a pool of sessions', () => {
  test('that has its places is opened at once, and the sum is told', async () => {
    const tested = await tryIt({ settings: 'DB_POOL_MAX=8\n' })
    expect(tested.fact.ok).toBe(true)
    expect(said(tested, 'sessions')).toMatch(/info: the pools may open 8 sessions \(login:app 8\) of the 57 sessions/)
    expect(said(tested, 'sessions')).toMatch(/info: opened 8 sessions at once in \d+ ms/)
  })

  test('that would take the last places is not opened', async () => {
    const tested = await tryIt({ settings: 'DB_POOL_MAX=56\n' })
    expect(tested.fact.ok).toBe(true)
    expect(said(tested, 'sessions')).toMatch(/its pool of 56 was not tried at once: \d+ sessions are free/)
    expect(said(tested, 'sessions')).not.toContain('opened')
  })

  test('that is larger than the limit of its role can never be full', async () => {
    await using mend = new AsyncDisposableStack()
    await by('alter role app connection limit 7', 'alter role app connection limit -1')(mend)
    const { fact, remedy } = await tryIt({ settings: 'DB_POOL_MAX=9\n' })
    expect(fact).toMatchObject({ ok: false, layer: 'capacity', code: '53300' })
    expect(fact.message).toBe(
      'the pools may open 9 sessions (login:app 9), 2 more than the 7 of role app (rolconnlimit)',
    )
    expect(remedy).toContain('alter role app connection limit N')
  })
})

describe('writing', () => {
  test('is proven by rights, and leaves nothing', async () => {
    const before = await lab.rows(
      'primary',
      'select pg_current_wal_insert_lsn() as lsn, pg_current_xact_id()::text as xid',
    )
    const tested = await tryIt({ contract: { writes: ['users', 'public.orders'] } })
    expect(tested.fact.ok).toBe(true)
    expect(said(tested, 'writes')).toBe(
      'info: may insert, update, delete public.users\ninfo: may insert, update, delete public.orders',
    )
    const [after] = await lab.rows('primary', 'select pg_current_xact_id()::text as xid')
    // One for each of our own two questions.
    expect(Number(after?.['xid']) - Number(before[0]?.['xid'])).toBe(1)
  })

  test('is asked on the way by which it writes, though another way to the node reads', async () => {
    const settings = `READ_URL=${app()}?sslmode=disable\n`
    const reads = [{ node: 'primary', file: null, key: 'READ_URL' }]
    const tested = await tryIt({ settings, contract: { reads, writes: ['users'] } })
    expect(said(tested, 'writes')).toBe('info: may insert, update, delete public.users')
    expect((await tryIt({ settings, contract: { reads, writes: ['userz'] } })).fact.ok).toBe(false)
  })

  test('needs the sequence of a table as well', async () => {
    await using mend = new AsyncDisposableStack()
    await by(
      'create table notes (id serial, text text); grant insert on notes to app; revoke all on sequence notes_id_seq from app',
      'drop table notes',
    )(mend)
    const { fact, remedy } = await tryIt({ contract: { writes: ['notes'] } })
    expect(fact).toMatchObject({ ok: false, layer: 'role', code: '42501' })
    expect(remedy).toBe('grant usage on sequence public.notes_id_seq to app;')
  })

  test('of a table that is nowhere is told', async () => {
    const { fact } = await tryIt({ contract: { writes: ['userz'] } })
    expect(fact).toMatchObject({
      ok: false,
      layer: 'query',
      code: '42P01',
      message: 'no schema of database auth has a table userz',
    })
  })
})

test('a name that leads to another schema than on the own node is told', async () => {
  await using mend = new AsyncDisposableStack()
  await by(
    'create schema old; create table old.users as table public.users; grant usage on schema old to app; grant select on old.users to app; alter role app set search_path = old, public',
    'drop schema old cascade; alter role app reset search_path',
    { node: 'reports' },
  )(mend)
  const tested = await tryIt({ contract: { reads: [{ node: 'reports', file: null, key: null }] } }, 'reports')
  expect(tested.fact).toMatchObject({ node: 'reports', ok: true })
  expect(said(tested, 'tables')).toContain('warning: users is that of schema old here, and of public on primary')
})

describe.skipIf(!hasOpenssl)('a certificate', () => {
  test.each([
    [3, 'verify-full', false, /error: the certificate ends on .*, in 2 days: no new connection/],
    [20, 'verify-full', true, /warning: the certificate ends on .*, in 19 days/],
    [3, 'require', true, /warning: the certificate ends on .*; sslmode require does not look at it/],
  ])('that ends in %i days, for a client with %s', async (days, mode, ok, words) => {
    await using mend = new AsyncDisposableStack()
    const { url = '' } = await withTls('near', { is: 'IP:127.0.0.1', days })(mend)
    const tested = await tryIt({ url: mode === 'require' ? `${app()}?sslmode=require` : url })
    expect(tested.fact).toMatchObject({ ok, layer: ok ? null : 'tls', code: ok ? null : 'CERT_HAS_EXPIRED' })
    expect(said(tested, 'tls')).toMatch(
      /info: TLSv1\.[23], \S+; certificate of 127\.0\.0\.1, signed by Lab CA, until 20/,
    )
    expect(said(tested, 'tls')).toMatch(words)
  })
})

describe.skipIf(!hasPgbouncer)('behind a pooler', () => {
  async function through(mode: 'session' | 'transaction', settings: Record<string, string>, broken: Broken = {}) {
    await using pooler = await startPgbouncer({ lab, node: 'primary', mode, roles: ['app'], settings })
    return await tryIt({ url: pooler.through(app()), settings: 'DB_POOL_MAX=6\n', ...broken })
  }

  test('prepared statements that are lost are a warning, as long as nobody says that they are used', async () => {
    const tested = await through('transaction', { default_pool_size: '3', stats_users: 'app' })
    expect(tested.fact.ok).toBe(true)
    expect(said(tested, 'prepared-statements')).toMatch(/^warning: the pooler gives each transaction another session/)
    expect(said(tested, 'sessions')).toMatch(
      /a pooler is between: pool_mode transaction, default_pool_size 3 \+ 0 in reserve, max_client_conn 100/,
    )
    expect(said(tested, 'sessions')).toMatch(/opened 6 sessions at once at the pooler in \d+ ms/)
    const left = await lab.rows(
      'primary',
      "select count(*)::int as n from pg_stat_activity where query like 'deallocate%'",
    )
    expect(left).toEqual([{ n: expect.any(Number) }])
  })

  test('with one session for all they are lost as well, and with a session each they are kept', async () => {
    const one = await through('transaction', { default_pool_size: '1' }, { contract: { prepared: true } })
    expect(one.fact).toMatchObject({ ok: false, layer: 'query', code: '42P05' })
    const own = await through('session', { default_pool_size: '9' }, { contract: { prepared: true } })
    expect(own.fact.ok).toBe(true)
    expect(said(own, 'prepared-statements')).toBe(
      'info: a pooler is between, and a session stays with its client: named prepared statements work',
    )
  })

  test('they are not tried where the contract says that there are none', async () => {
    const tested = await through('transaction', {}, { contract: { prepared: false } })
    expect(said(tested, 'prepared-statements')).toMatch(/^info: prepared statements were not tried/)
    expect(said(tested, 'sessions')).toContain("psql -d pgbouncer -c 'show config'")
  })
})

test('logins of replication are seen where they go, tried as their receivers make them, and told when they are no more', async () => {
  const nodes = lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null }))
  const look = async () => testReplication({ nodes }, AbortSignal.timeout(30_000))
  const acting = nodes.map((node) => ({ ...node, act: lab.url(node.name, 'admin') }))
  const lookActing = async () => {
    const found = await testReplication({ nodes: acting }, AbortSignal.timeout(30_000))
    expect(JSON.stringify(found)).not.toContain(lab.password('replicator'))
    return found
  }
  const { port } = lab.node('primary')
  await waitUntil('both follow', async () => (await look()).every(({ ok }) => ok === true))
  const first = await look()
  expect(first).toMatchObject([
    { node: 'standby', kind: 'standby', host: '127.0.0.1', port, user: 'replicator', slot: 'standby_slot', ok: true },
    { node: 'reports', kind: 'subscription', name: 'reports_sub', user: 'replicator', slot: 'reports_sub', ok: true },
  ])
  expect(first.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^streaming \(a new login from \S+ is let in, \d+ ms\)$/),
    'its worker runs (seen, not tried: its connection string is not ours to read)',
  ])
  expect((await lookActing())[1]).toMatchObject({
    ok: true,
    host: '127.0.0.1',
    port,
    message: expect.stringMatching(/^its worker runs \(a new login from \S+ is let in/),
  })
  await using mend = new AsyncDisposableStack()
  {
    await using line = new AsyncDisposableStack()
    await withoutReplicationLine(line)
    const [standby, reports] = await lookActing()
    expect(standby).toMatchObject({ ok: false, layer: 'access', code: '28000' })
    expect(standby?.message).toMatch(/^streaming, and a new login from \S+ fails at its access/)
    expect(standby?.remedy).toContain('the line with the database replication')
    expect(reports).toMatchObject({ ok: true })
  }
  {
    await using attribute = new AsyncDisposableStack()
    await by('alter role replicator noreplication', 'alter role replicator replication')(attribute)
    expect(await lookActing()).toMatchObject(
      [0, 1].map(() => ({ ok: false, layer: 'role', code: '42501', remedy: 'alter role replicator replication;' })),
    )
  }
  const connection = (password: string): string =>
    `alter subscription reports_sub connection 'host=127.0.0.1 port=${port} dbname=auth user=replicator password=${password}'`
  {
    await using password = new AsyncDisposableStack()
    await by(connection('mistyped'), connection(lab.password('replicator')), { node: 'reports' })(password)
    const [standby, reports] = await lookActing()
    expect(standby).toMatchObject({ ok: true })
    expect(reports).toMatchObject({ ok: false, layer: 'auth', code: '28P01' })
    expect(JSON.stringify(reports)).not.toContain('mistyped')
  }
  await by('alter role replicator nologin', 'alter role replicator login')(mend)
  await lab.rows('primary', "select pg_terminate_backend(pid) from pg_stat_replication where state = 'streaming'")
  // A worker that is refused is there for a moment each time it tries.
  let last = await look()
  await waitUntil('both are cut off', async () => {
    last = await look()
    return last.every(({ ok }) => ok === false)
  })
  const [standby, reports] = last
  expect(standby?.message).toMatch(/^its walreceiver .*, and a new login from \S+ fails at its auth/)
  expect(reports?.remedy).toContain('alter subscription reports_sub connection')
})
