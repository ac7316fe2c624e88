import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { authBlueprint } from '../../lab/auth.ts'
import type { Lab } from '../../lab/lab.ts'
import { startLab } from '../../lab/start-lab.ts'
import { testLab } from '../../lab/testing.ts'
import { steps } from '../testing/situation.ts'
import { notesOf } from './notes.ts'
import { loseWrite, zeroPage } from './testing/lost-pages.ts'
import { Repairing, textOf, toPrimary, toReports } from './testing/situation.ts'

const tablesOf = `select string_agg(relname, ' ' order by oid) as tables from pg_class
  where relkind in ('r', 'p', 'u') and relnamespace::regnamespace::text !~ '^pg_toast|^pg_temp'`

/** The subscriber publishes all that it has; what is repaired there must leave it as it was, and be sent on. */
async function expectRepairWhilePublishing(lab: Lab, publication: string): Promise<void> {
  await lab.rows('reports', publication)
  await lab.rows('reports', `select pg_create_logical_replication_slot('onward', 'pgoutput')`)
  const before = await lab.rows('reports', tablesOf)
  await lab.rows(
    'reports',
    `update users set password_hash = 'wrong' where id = 7; delete from sessions where user_id = 8`,
  )
  await using repairing = await Repairing.in(lab)
  const repair = await repairing.plan(toReports, ['users', 'sessions'])
  expect(notesOf(repair).join('\n')).toMatch(
    /reports publishes public.users, public.sessions \(onward_pub\).*readers of onward.*replication origin/,
  )
  expect(await repairing.apply(repair.plan)).toEqual(steps(1, 2, 3, 4, 5))
  expect(await lab.rows('reports', tablesOf)).toEqual(before)
  expect(await lab.rows('reports', 'select roname from pg_replication_origin where roname !~ $$^pg_$$')).toEqual([])
  // What a subscription with `origin = none` is sent, and what any other.
  const sent = async (origin: string): Promise<unknown> => {
    const [row] = await lab.rows(
      'reports',
      `select count(*)::int as n from pg_logical_slot_peek_binary_changes('onward', null, null, 'proto_version', '1',
        'publication_names', 'onward_pub' ${origin}) where substr(data, 1, 1) in ('I', 'U')`,
    )
    return row?.['n']
  }
  // The damage is of this node's own: one update. The repair is an update and an insert more.
  expect(await sent('')).toBe(3)
  const [version] = await lab.rows('reports', `select current_setting('server_version_num')::int as num`)
  const isNew = Number(version?.['num']) >= 160_000
  expect(isNew ? await sent(`, 'origin', 'none'`) : 1).toBe(1)
  await lab.rows('primary', `update users set password_hash = 'later' where id = 7`)
  await lab.caughtUp()
  await lab.rows('reports', `select pg_drop_replication_slot('onward')`)
}

const publications = [
  'create publication onward_pub for all tables',
  'create publication onward_pub for tables in schema public',
]

test.each(publications)('%s: nothing of ours is made there, and the subscription goes on', async (publication) => {
  const lab = await testLab()
  await expectRepairWhilePublishing(lab, publication)
  expect(await textOf(lab, 'reports', 'users')).toBe(await textOf(lab, 'primary', 'users'))
})

test('the same on 15', { timeout: 180_000 }, async ({ skip }) => {
  if (!existsSync('/usr/lib/postgresql/15/bin/postgres')) skip('PostgreSQL 15 is not installed')
  await using lab = await startLab(authBlueprint(), { major: 15 })
  for (const publication of publications) {
    await expectRepairWhilePublishing(lab, publication)
    expect(await textOf(lab, 'reports', 'users')).toBe(await textOf(lab, 'primary', 'users'))
    await lab.reset()
  }
})

/** Rows go on the primary alone, as a lost write takes them: what its file holds is replaced, and nothing is logged. */
async function damagePrimary(lab: Lab, table: string): Promise<void> {
  await lab.rows('primary', `create table ${table} (id int primary key, value text)`)
  await lab.rows('primary', `insert into ${table} select n, 'value ' || n from generate_series(1, 50) n`)
  await lab.rows('primary', 'checkpoint')
  await lab.caughtUp()
}

test('a primary that lost rows takes them from its standby, and both are equal afterwards', async () => {
  const lab = await testLab()
  await damagePrimary(lab, 'lost')
  await zeroPage(lab, 'primary', 'lost')
  expect(await lab.rows('primary', 'select count(*)::int as n from lost')).toEqual([{ n: 0 }])
  await using repairing = await Repairing.in(lab)
  const repair = await repairing.plan(toPrimary, ['lost'])
  expect(repair.plan.refusals).toEqual([])
  expect(notesOf(repair).join('\n')).toContain(
    'primary is the primary: a write there can send whole pages over those of standby',
  )
  // The rows are back in their old places, and the old index entries lead to them as well as the new ones.
  expect((await repairing.apply(repair.plan)).at(-1)).toMatch(/failed 2: .*standby shows 50 of them twice/)
  await lab.rows('primary', 'vacuum full lost')
  expect(await repairing.resume(repair.plan)).toEqual(steps(2))
  expect(await textOf(lab, 'standby', 'lost')).toBe(await textOf(lab, 'primary', 'lost'))
  expect(await lab.rows('primary', 'select count(*)::int as n from lost')).toEqual([{ n: 50 }])
})

test('a write that the primary lost is taken back from its standby', async () => {
  const lab = await testLab()
  await lab.rows('primary', 'create table hot (id int primary key, v text) with (fillfactor = 50)')
  await lab.rows('primary', `insert into hot select n, 'v' || n from generate_series(1, 500) n`)
  await loseWrite(lab, 'primary', 'hot', `update hot set v = 'new' where id in (1, 2, 3)`)
  const values = `select v from hot where id < 4 order by id`
  expect(await lab.rows('primary', values)).toEqual([{ v: 'v1' }, { v: 'v2' }, { v: 'v3' }])
  await using repairing = await Repairing.in(lab)
  const { plan } = await repairing.plan(toPrimary, ['hot'])
  expect(plan.refusals).toEqual([])
  expect(await repairing.apply(plan)).toEqual(steps(1, 2))
  expect(await lab.rows('primary', values)).toEqual([{ v: 'new' }, { v: 'new' }, { v: 'new' }])
  expect(await textOf(lab, 'standby', 'hot')).toBe(await textOf(lab, 'primary', 'hot'))
})

test('a row that stands twice under one key is damage, and no row of it is written', async () => {
  const lab = await testLab()
  // Its new versions lie on another page than the old ones, which are back.
  await loseWrite(lab, 'primary', 'users', `update users set password_hash = 'new' where id in (1, 2, 3)`)
  await using repairing = await Repairing.in(lab)
  const { plan } = await repairing.plan(toPrimary, ['users'])
  expect(plan.steps).toHaveLength(0)
  expect(plan.refusals[0]).toMatchObject({ id: 'twice', why: expect.stringContaining('3 rows stand twice') })
})

test('rows that a subscriber of the primary has already are not sent to it again', async () => {
  const lab = await testLab()
  await lab.rows('primary', 'checkpoint')
  await lab.caughtUp()
  await zeroPage(lab, 'primary', 'sessions')
  await using repairing = await Repairing.in(lab)
  const refused = await repairing.plan(toPrimary, ['sessions'])
  expect(refused.plan.refusals[0]).toMatchObject({ id: 'would-be-sent-on', evidence: { node: 'reports' } })
  expect(refused.plan.refusals[0]?.why).toContain('alter subscription reports_sub set (origin = none)')
  await lab.rows('reports', 'alter subscription reports_sub set (origin = none)')
  const { plan } = await repairing.plan(toPrimary, ['sessions'])
  expect(plan.refusals).toEqual([])
  // They came back on other pages than those that the standby still has.
  expect((await repairing.apply(plan)).at(-1)).toMatch(/failed 3: .*standby shows \d+ of them twice/)
  expect((await repairing.last(plan))?.output['hint']).toContain('vacuum full public.sessions')
  await lab.rows('primary', 'vacuum full public.sessions')
  expect(await repairing.resume(plan)).toEqual(steps(3))
  await lab.rows('reports', 'alter subscription reports_sub set (origin = any)')
  await lab.rows('primary', `update users set password_hash = 'later' where id = 7`)
  await lab.caughtUp()
  for (const node of ['standby', 'reports'])
    expect(await textOf(lab, node, 'sessions')).toBe(await textOf(lab, 'primary', 'sessions'))
})
