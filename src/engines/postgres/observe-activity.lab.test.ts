import { afterAll, expect, test } from 'vitest'
import type { FactKey } from '../../core/facts/postgres/index.ts'
import type { NodeLink } from './connect.ts'
import { sampleFast, sampleSlow } from './sample.ts'
import { closeLabs, labOf, majors, options, run, value, withLink } from './testing/looking.ts'

afterAll(closeLabs)

const read = async <K extends FactKey>(link: NodeLink, key: K) => value((await sampleFast(link, options)).facts, key)

test.for(majors)('on %d a transaction is told when it lasts, and sessions by who they are', async (major, { skip }) => {
  const lab = await labOf(major, skip)
  const { app } = lab.blueprint.logins
  const lasting = lab.rows(
    'primary',
    `set application_name = 'shop'; begin; update users set id = id where id = 1; select pg_sleep(60)`,
    [],
    'app',
  )
  lasting.catch(() => undefined)
  await withLink(lab, 'primary', async (link) => {
    await expect
      .poll(async () => (await read(link, 'activity')).use, { timeout: 5000 })
      .toContainEqual({
        role: app,
        database: 'auth',
        application: 'shop',
        total: 1,
        active: 1,
        idle: 0,
        idleInTransaction: 0,
      })
    expect((await read(link, 'activity')).long).toEqual([])
    await expect
      .poll(async () => (await read(link, 'activity')).long, { timeout: 15_000 })
      .toMatchObject([
        {
          role: app,
          database: 'auth',
          backendType: 'client backend',
          state: 'active',
          waitEventType: 'Timeout',
          waitEvent: 'PgSleep',
          xminAge: expect.any(Number),
        },
      ])
    const [long] = (await read(link, 'activity')).long
    expect(long?.xactMs).toBeGreaterThanOrEqual(10_000)
    await lab.rows('primary', `select pg_terminate_backend(${long?.pid ?? 0})`)
  })
})

test.for(majors)('on %d databases are read with limits, counters and ages', async (major, { skip }) => {
  const lab = await labOf(major, skip)
  await run(lab, 'primary', [
    'create database other connection limit 4',
    'alter database other allow_connections false',
  ])
  await withLink(lab, 'primary', async (link) => {
    const all = await read(link, 'databases')
    expect(all.map(({ name }) => name)).toEqual(['auth', 'other', 'postgres', 'template0', 'template1'])
    expect(all[1]).toMatchObject({ allowsConnections: false, connectionLimit: 4, backends: 0 })
    const [auth] = all
    expect(auth).toMatchObject({
      allowsConnections: true,
      connectionLimit: -1,
      deadlocks: 0,
      checksumLastFailureMs: null,
    })
    expect(auth?.xidAge).toBeGreaterThan(0)
    expect(auth?.mxidAge).toBeGreaterThanOrEqual(0)
    expect(Object.values(auth?.conflicts ?? {})).toEqual([0, 0, 0, 0, 0, 0])
    await expect(lab.rows('primary', 'select 1 / 0')).rejects.toThrow(/division/)
    await expect
      .poll(async () => (await read(link, 'databases'))[0]?.rollbacks, { timeout: 5000 })
      .toBeGreaterThan(auth?.rollbacks ?? 0)
  })
})

test.for(majors)('on %d a query that replay cancels is counted on the standby', async (major, { skip }) => {
  const lab = await labOf(major, skip)
  lab.setConf('standby', { hot_standby_feedback: 'off', max_standby_streaming_delay: '0' })
  lab.reload('standby')
  const query = lab.rows(
    'standby',
    'begin isolation level repeatable read; select count(*) from users; select pg_sleep(60)',
  )
  query.catch(() => undefined)
  const sleeps = `select pid from pg_stat_activity where wait_event = 'PgSleep'`
  await expect.poll(async () => (await lab.rows('standby', sleeps)).length, { timeout: 5000 }).toBe(1)
  await run(lab, 'primary', ['begin; lock table users in access exclusive mode; commit'])
  await expect(query).rejects.toThrow(/conflict with recovery|terminating connection/)
  await withLink(lab, 'standby', async (link) => {
    await expect
      .poll(async () => (await read(link, 'databases'))[0]?.conflicts.lock, { timeout: 5000 })
      .toBeGreaterThan(0)
  })
})

test.for(majors)('on %d a setting that waits for a restart is named until it had one', async (major, { skip }) => {
  const lab = await labOf(major, skip)
  const pending = async () =>
    withLink(lab, 'primary', async (link) => value((await sampleSlow(link, options)).facts, 'pendingRestart'))
  expect(await pending()).toEqual([])
  lab.setConf('primary', { max_connections: '77', work_mem: '8MB' })
  lab.reload('primary')
  await expect.poll(pending, { timeout: 5000 }).toEqual(['max_connections'])
  await lab.restart('primary')
  expect(await pending()).toEqual([])
})

test.for(majors)(
  'on %d the timeline is known of a cut-off standby, and of the primary that it becomes',
  async (major, { skip }) => {
    const lab = await labOf(major, skip)
    await run(lab, 'primary', ['checkpoint'])
    await lab.caughtUp()
    await run(lab, 'standby', ['checkpoint'])
    await lab.stop('primary', 'immediate')
    await withLink(lab, 'standby', async (link) => {
      await expect.poll(async () => read(link, 'receiver'), { timeout: 10_000 }).toEqual([])
      expect(await read(link, 'wal')).toMatchObject({ timeline: 1, writeLsn: null })
      await lab.rows('standby', 'select pg_promote()')
      await expect.poll(async () => (await read(link, 'wal')).timeline, { timeout: 10_000 }).toBe(2)
      expect((await read(link, 'wal')).writeLsn).not.toBeNull()
    })
  },
)

test.for(majors)('on %d a slot tells what WAL is left to it, and why it is lost', async (major, { skip }) => {
  const lab = await labOf(major, skip)
  await run(lab, 'primary', [
    `select pg_create_physical_replication_slot('kept', true)`,
    `select pg_create_physical_replication_slot('unused')`,
  ])
  lab.setConf('primary', { max_slot_wal_keep_size: '4MB' })
  const temporary = lab.rows('primary', `select pg_create_physical_replication_slot('brief', true, true), pg_sleep(60)`)
  temporary.catch(() => undefined)
  lab.reload('primary')
  await withLink(lab, 'primary', async (link) => {
    const slot = async (name: string) => (await read(link, 'replicationSlots')).find((one) => one.name === name)
    await expect.poll(async () => (await slot('kept'))?.safeWalBytes, { timeout: 5000 }).toBeGreaterThan(0)
    await expect.poll(async () => slot('brief'), { timeout: 5000 }).toMatchObject({ temporary: true, active: true })
    expect(await slot('unused')).toMatchObject({
      restartLsn: null,
      walStatus: null,
      safeWalBytes: null,
      temporary: false,
    })
    expect(typeof (await slot('kept'))?.inactiveSinceMs).toBe(major >= 17 ? 'number' : 'object')
    expect(await slot('standby_slot')).toMatchObject({ active: true, inactiveSinceMs: null, invalidation: null })
    await lab.rows('primary', `select pg_terminate_backend(${(await slot('brief'))?.activePid ?? 0})`)
    for (let i = 0; i < 12; i += 1)
      await run(lab, 'primary', ['create table scratch()', 'drop table scratch', 'select pg_switch_wal()'])
    await run(lab, 'primary', ['checkpoint'])
    await expect.poll(async () => (await slot('kept'))?.walStatus, { timeout: 10_000 }).toBe('lost')
    expect((await slot('kept'))?.invalidation).toBe(major >= 17 ? 'wal_removed' : null)
  })
})
