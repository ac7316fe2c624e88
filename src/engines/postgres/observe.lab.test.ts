import { afterAll, expect, test } from 'vitest'
import { testLab } from '../../lab/testing.ts'
import { allReaders } from './observations.ts'
import { byText } from './reader.ts'
import { sampleFast, sampleSlow } from './sample.ts'
import { both, closeLabs, labOf, majors, options, value, why, withLink } from './testing/looking.ts'

afterAll(closeLabs)

const sorted = (texts: readonly string[]): readonly string[] => texts.toSorted(byText)

test.for(majors)(
  'on %d the reading role sees every fact of every node; without its grants what is hidden is named',
  async (major, { skip }) => {
    const lab = await labOf(major, skip)
    const { app, watch } = lab.blueprint.logins
    const grant = `grant pg_monitor to "${watch}"`
    const [primary, standby, reports] = await Promise.all(
      ['primary', 'standby', 'reports'].map(async (node) => withLink(lab, node, both)),
    )
    if (!primary || !standby || !reports) throw new Error('three nodes')
    expect([primary, standby, reports].map(why)).toEqual([{}, {}, {}])
    expect(sorted(Object.keys(primary))).toEqual(sorted(allReaders.map(({ key }) => key)))

    expect(value(primary, 'server')).toMatchObject({ inRecovery: false, database: 'auth' })
    expect(value(standby, 'server').inRecovery).toBe(true)
    expect(value(standby, 'server').systemId).toBe(value(primary, 'server').systemId)
    expect(value(reports, 'server').systemId).not.toBe(value(primary, 'server').systemId)
    expect(value(primary, 'wal').writeLsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/)
    expect(value(standby, 'wal')).toMatchObject({ writeLsn: null, replayPaused: false })
    expect(sorted(value(primary, 'senders').map(({ slot, state }) => `${slot} ${state}`))).toEqual([
      'reports_sub streaming',
      'standby_slot streaming',
    ])
    for (const sender of value(primary, 'senders')) {
      expect(sender).toMatchObject({ clientAddress: '127.0.0.1', syncState: 'async' })
      expect(sender.applicationName).not.toBe('')
      expect([sender.writeLsn, sender.flushLsn]).toEqual([
        expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/),
        expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/),
      ])
    }
    expect(value(primary, 'wal').timeline).toBe(1)
    expect(value(standby, 'wal').timeline).toBe(1)
    expect(value(standby, 'receiver')).toMatchObject([{ timeline: 1 }])
    expect(Math.abs(value(standby, 'receiver')[0]?.clockAheadMs ?? 99_999)).toBeLessThan(1000)
    expect(value(primary, 'privileges')).toEqual({
      role: watch,
      superuser: false,
      monitor: true,
      readAllData: false,
      writes: false,
    })
    for (const key of ['roles', 'extensions', 'functions', 'triggers', 'sequences'] as const)
      expect(value(standby, key)).toEqual(value(primary, key))
    expect(value(standby, 'receiver')).toMatchObject([
      { status: 'streaming', slot: 'standby_slot', senderPort: lab.node('primary').port },
    ])
    expect(value(primary, 'receiver')).toEqual([])
    expect(
      value(primary, 'replicationSlots').map(({ name, type, active, walStatus }) => [name, type, active, walStatus]),
    ).toEqual([
      ['reports_sub', 'logical', true, 'reserved'],
      ['standby_slot', 'physical', true, 'reserved'],
    ])
    expect(value(reports, 'subscriptionStates')).toMatchObject([
      {
        name: 'reports_sub',
        enabled: true,
        slot: 'reports_sub',
        workerPid: expect.any(Number),
        applyErrors: 0,
        syncErrors: 0,
      },
    ])
    expect(value(primary, 'sessions').maxConnections).toBeGreaterThan(10)
    expect(value(primary, 'blocked')).toEqual([])
    expect(value(primary, 'tick').catalogWrites).toEqual(expect.any(Number))
    expect(value(standby, 'tick')).toEqual({ catalogWrites: null, catalogDigest: value(primary, 'tick').catalogDigest })
    expect(value(standby, 'tables')).toEqual(value(primary, 'tables'))
    const users = value(primary, 'tables').find(({ name }) => name === 'users')
    expect(users).toMatchObject({ schema: 'public', primaryKey: ['id'], replicaIdentity: 'd', kind: 'table' })
    expect(value(primary, 'publications')).toMatchObject([{ name: 'auth_pub', allTables: false, schemas: [] }])
    expect(value(reports, 'subscriptions')).toMatchObject([{ name: 'reports_sub', publications: ['auth_pub'] }])
    expect(value(reports, 'subscriptions')[0]?.tables.map(({ name }) => name)).toEqual(
      value(primary, 'publications')[0]?.tables.map(({ name }) => name),
    )
    expect(value(standby, 'settings')['primary_conninfo']).toMatch(/password=\*\*\*.*\(#[0-9a-f]{8}\)/)
    expect(JSON.stringify([primary, standby, reports])).not.toContain(lab.password(lab.blueprint.logins.replication))

    // What a role without pg_monitor may not see is said, with the grant that opens it; the rest is seen.
    const [blind, blindStandby] = await Promise.all(
      ['primary', 'standby'].map(async (node) => withLink(lab, node, both, lab.url(node, 'app'))),
    )
    const appGrant = `no-privilege: ${grant.replace(watch, app)}`
    const everywhere = {
      sessions: appGrant,
      blocked: appGrant,
      activity: appGrant,
      settings: appGrant,
      pendingRestart: appGrant,
      accessRules: `no-privilege: grant execute on function pg_catalog.pg_hba_file_rules() to "${app}"`,
      fileSettings: `no-privilege: grant execute on function pg_catalog.pg_show_all_file_settings() to "${app}"`,
    }
    expect(why(blind ?? {})).toEqual({ ...everywhere, senders: appGrant })
    expect(why(blindStandby ?? {})).toEqual({ ...everywhere, receiver: appGrant })
  },
)

test('a fact that the role may not read hides only what needs it', async () => {
  const lab = await testLab()
  await lab.rows('primary', 'revoke execute on function pg_get_replication_slots() from public')
  await withLink(lab, 'primary', async (link) => {
    for (let i = 0; i < 2; i += 1) {
      const facts = await both(link)
      expect(sorted(Object.keys(why(facts)))).toEqual(['replicationSlots', 'senders'])
      expect(facts.senders).toMatchObject({ why: 'no-privilege' })
    }
  })
})

test('what is asked seldom is asked at once when a walsender goes or comes, or a server is not what it was', async () => {
  const lab = await testLab()
  const nothing = ['receiver', 'subscriptionStates'] as const
  await withLink(lab, 'primary', async (link) => {
    const seldom = async () =>
      (await sampleFast(link, { ...options, digest: false, leave: ['replicationSlots', 'sessions'], nothing })).facts
    const first = await seldom()
    expect(value(first, 'replicationSlots').map(({ active }) => active)).toEqual([true, true])
    expect(sorted(value(first, 'senders').map(({ slot }) => slot ?? ''))).toEqual(['reports_sub', 'standby_slot'])
    expect(value(first, 'receiver')).toEqual([])
    const second = await seldom()
    expect(second).not.toHaveProperty('replicationSlots')
    expect(value(second, 'senders').map(({ slot }) => slot)).toEqual(value(first, 'senders').map(({ slot }) => slot))
    await lab.stop('standby', 'fast')
    await expect.poll(async () => value(await seldom(), 'senders').length, { timeout: 5000 }).toBe(1)
    const { facts } = await sampleFast(link, { ...options, leave: ['replicationSlots'] })
    expect(facts).not.toHaveProperty('replicationSlots')
    await lab.start('standby')
    await expect
      .poll(
        async () => {
          const now = await seldom()
          return now.replicationSlots === undefined ? null : value(now, 'replicationSlots').map(({ active }) => active)
        },
        { timeout: 10_000, interval: 20 },
      )
      .toEqual([true, true])
    expect(sorted(value(await seldom(), 'senders').map(({ slot }) => slot ?? ''))).toEqual([
      'reports_sub',
      'standby_slot',
    ])
  })
  await withLink(lab, 'standby', async (link) => {
    const { facts } = await sampleFast(link, { ...options, nothing })
    expect(value(facts, 'receiver')).toMatchObject([{ status: 'streaming', slot: 'standby_slot' }])
  })
})

test('the tick moves with DDL, and with nothing else', async () => {
  const lab = await testLab()
  await withLink(lab, 'primary', async (link) => {
    const tick = async () => value((await sampleFast(link, options)).facts, 'tick')
    const before = await tick()
    await lab.rows('primary', 'update users set id = id')
    await lab.rows('primary', 'analyze')
    await lab.rows('primary', 'vacuum')
    expect(await tick()).toEqual(before)
    await lab.rows('primary', 'create temp table scratch(a int)')
    expect((await tick()).catalogDigest).toBe(before.catalogDigest)
    const writes = (await tick()).catalogWrites
    await lab.rows('primary', 'alter table users add column more text')
    await expect.poll(async () => (await tick()).catalogWrites).not.toBe(writes)
    expect((await tick()).catalogDigest).not.toBe(before.catalogDigest)
  })
})

test('both ticks move with roles, their settings, functions, triggers, databases and extensions', async () => {
  const lab = await testLab()
  await withLink(lab, 'primary', async (link) => {
    const tick = async () => value((await sampleFast(link, options)).facts, 'tick')
    for (const statement of [
      'create role one',
      'alter role one login connection limit 7',
      'alter role one set work_mem = 64',
      'drop role one',
      `create function f() returns int language sql as 'select 1'`,
      `create or replace function f() returns int language sql as 'select 2'`,
      'create trigger same before update on users for each row execute function suppress_redundant_updates_trigger()',
      'alter table users disable trigger same',
      'alter database auth connection limit 50',
      'create extension citext',
      'drop extension citext',
    ]) {
      const before = await tick()
      await lab.rows('primary', statement)
      const moved = async () => {
        const now = await tick()
        return [now.catalogWrites !== before.catalogWrites, now.catalogDigest !== before.catalogDigest]
      }
      await expect.poll(moved, { timeout: 2000, message: statement }).toEqual([true, true])
    }
  })
})

test('who waits for a lock is named with who holds it, and a table under DDL holds up nothing else', async () => {
  const lab = await testLab()
  const { app } = lab.blueprint.logins
  const holder = `select pid from pg_locks where relation = 'users'::regclass and granted and mode = 'AccessExclusiveLock'`
  const holds = lab.rows('primary', 'begin; lock table users in access exclusive mode; select pg_sleep(60); rollback')
  // It ends by being terminated.
  holds.catch(() => undefined)
  await withLink(lab, 'primary', async (link) => {
    const fast = async () => (await sampleFast(link, options)).facts
    const locked = async () => (await lab.rows('primary', holder)).length
    await expect.poll(locked, { timeout: 5000 }).toBe(1)
    const slow = await sampleSlow(link, options)
    expect(slow.facts.tables).toMatchObject({ seen: false, why: 'timed-out' })
    expect(why(slow.facts)).toHaveProperty('tables')
    // A sequence is opened to read it, but not its table.
    expect(Object.keys(why(slow.facts))).toEqual(['tables'])
    const waits = lab.rows('primary', 'select count(*) from users', [], 'app')
    await expect
      .poll(async () => value(await fast(), 'blocked'), { timeout: 20_000 })
      .toMatchObject([{ role: app, relation: 'public.users', blockerRole: 'postgres', blockerState: 'active' }])
    expect(value(await fast(), 'sessions').waitingForLock).toBe(1)
    await lab.rows('primary', `select pg_terminate_backend(pid) from (${holder})`)
    await waits
  })
})

test('a restart ends the session, and the next sample has a new one', async () => {
  const lab = await testLab()
  await withLink(lab, 'standby', async (link) => {
    const before = value((await sampleFast(link, options)).facts, 'server')
    await lab.stop('standby', 'fast')
    const gone = await sampleFast(link, options)
    expect(gone.facts.server).toMatchObject({ seen: false, why: 'unreachable' })
    expect(gone.facts.tick).toMatchObject({ seen: false })
    await lab.start('standby')
    await expect.poll(async () => (await sampleFast(link, options)).facts.server?.seen, { timeout: 10_000 }).toBe(true)
    const after = value((await sampleFast(link, options)).facts, 'server')
    expect(after.startedMs).toBeGreaterThan(before.startedMs)
    expect(after.systemId).toBe(before.systemId)
  })
})
