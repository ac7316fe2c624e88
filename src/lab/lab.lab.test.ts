import { expect, test } from 'vitest'
import { authBlueprint } from './auth.ts'
import type { Lab } from './lab.ts'
import { startLab } from './start-lab.ts'
import { testLab } from './testing.ts'

const names = async (lab: Lab, node: string): Promise<readonly unknown[]> =>
  (await lab.rows(node, `select name from users where id > 1000 order by id`)).map((row) => row['name'])

const isWhole = async (lab: Lab): Promise<void> => {
  await lab.rows('primary', `insert into users (id, name, password_hash) values (1001, 'late', 'x')`)
  await lab.caughtUp()
  for (const node of lab.nodes) expect({ [node.name]: await names(lab, node.name) }).toEqual({ [node.name]: ['late'] })
}

test('a row written on the primary is on the standby and on the subscriber', async () => {
  const lab = await testLab()
  for (const node of lab.nodes)
    expect(await lab.rows(node.name, 'select count(*)::int as n from users')).toEqual([{ n: 1000 }])
  await isWhole(lab)
})

test("the subscription's slot is a failover slot, and the standby has it for good", async () => {
  const lab = await testLab()
  const sql = `select slot_name, failover, synced, temporary, invalidation_reason from pg_replication_slots where slot_type = 'logical'`
  const slot = { slot_name: 'reports_sub', failover: true, temporary: false, invalidation_reason: null }
  expect(await lab.rows('primary', sql)).toEqual([{ ...slot, synced: false }])
  expect(await lab.rows('standby', sql)).toEqual([{ ...slot, synced: true }])
})

test('the watching role reads every table, also one that a migration makes, and writes none', async () => {
  const lab = await testLab()
  await lab.rows('primary', 'create table made_by_admin (id int)')
  await lab.rows('primary', 'create table made_by_app (id int)', [], 'app')
  await lab.caughtUp()
  for (const table of ['users', 'orders', 'sessions', 'made_by_admin', 'made_by_app'])
    expect(await lab.rows('standby', `select count(*) >= 0 as ok from ${table}`, [], 'watch')).toEqual([{ ok: true }])
  await expect(lab.rows('primary', 'delete from users', [], 'watch')).rejects.toMatchObject({ code: '42501' })
  expect(await lab.rows('primary', 'select count(*)::int as n from pg_hba_file_rules', [], 'watch')).toEqual([{ n: 2 }])
})

test('a wrong password is refused', async () => {
  const lab = await testLab()
  await lab.rows('primary', `alter role app password 'another'`)
  await expect(lab.rows('primary', 'select 1', [], 'app')).rejects.toMatchObject({ code: '28P01' })
})

const harms: readonly ((lab: Lab) => Promise<void>)[] = [
  async (lab) =>
    void (await lab.rows('primary', 'drop table sessions; create table other (id int); alter table users add x int')),
  async (lab) => {
    await lab.rows('primary', `insert into users select n, 'n' || n, 'x' from generate_series(2001, 22000) n`)
    await lab.rows('primary', 'checkpoint')
  },
  async (lab) => {
    await lab.rows('primary', `alter system set work_mem = '8MB'`)
    lab.setConf('reports', { shared_preload_libraries: 'nothing' })
    await expect(lab.restart('reports')).rejects.toThrow(/could not access file "nothing"/)
  },
  async (lab) => void (await lab.rows('reports', 'alter subscription reports_sub disable')),
  async (lab) => {
    await lab.stop('primary', 'immediate')
    await lab.rows('standby', 'select pg_promote()')
    await lab.rows('standby', 'delete from sessions; drop table orders')
  },
  async (lab) => {
    await lab.stop('standby', 'kill')
    await lab.stop('reports', 'fast')
    await lab.rows('primary', `select pg_drop_replication_slot('standby_slot')`)
  },
]

test('a reset gives a clean lab, whatever was done to it', async () => {
  const lab = await testLab()
  const took: number[] = []
  for (const harm of [...harms, ...harms]) {
    await harm(lab)
    const startMs = performance.now()
    await lab.reset()
    took.push(Math.round(performance.now() - startMs))
    await isWhole(lab)
    expect(
      await lab.rows('primary', `select to_regclass('other') as other, current_setting('work_mem') as mem`),
    ).toEqual([{ other: null, mem: '4MB' }])
    expect(
      await lab.rows('standby', 'select pg_is_in_recovery() as standby, count(*)::int as n from sessions'),
    ).toEqual([{ standby: true, n: 500 }])
  }
  console.log(`resets took ${took.join(', ')} ms`)
})

test('two labs run side by side, with names of their own', async () => {
  const other = authBlueprint({ names: { primary: 'db1', standby: 'db2', subscriber: 'db3' } })
  await using first = await startLab(other)
  await using second = await startLab(other)
  await first.rows('db1', 'delete from sessions')
  await first.caughtUp()
  expect(await first.rows('db3', 'select count(*)::int as n from sessions')).toEqual([{ n: 0 }])
  expect(await second.rows('db3', 'select count(*)::int as n from sessions')).toEqual([{ n: 500 }])
  expect(await second.rows('db2', `select current_setting('cluster_name') as name`)).toEqual([{ name: 'db2' }])
})
