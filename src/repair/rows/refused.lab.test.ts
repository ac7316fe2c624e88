import { beforeEach, expect, test } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { publishTable } from '../../rows/testing/pairs.ts'
import { steps } from '../testing/situation.ts'
import { notesOf } from './notes.ts'
import { Repairing, textOf, toReports } from './testing/situation.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

const equal = async (table: string): Promise<void> =>
  expect(await textOf(lab, 'reports', table)).toBe(await textOf(lab, 'primary', table))

test('a physical standby is never written: it is told how to clone it anew, and what its primary could take from it', async () => {
  await using repairing = await Repairing.in(lab)
  const direction = { left: 'primary', right: 'standby', subscription: null, target: 'standby', source: 'primary' }
  const { plan } = await repairing.planFrom(direction, [])
  expect(plan).toMatchObject({ steps: [], refusals: [{ id: 'standby' }] })
  expect(plan.refusals[0]?.why).toMatch(
    /pg_basebackup.*from primary.*verify --repair plan --to primary takes the rows from standby/,
  )
  await expect(repairing.apply(plan)).rejects.toMatchObject({ code: 'plan-refused' })
})

test.each<[string, string, string, RegExp]>([
  [
    'no-key',
    'no_key',
    'create table no_key (a int); alter table no_key replica identity full',
    /no primary key or unique index/,
  ],
  ['column-missing', 'wider', 'create table wider (a int primary key, b text)', /column b is absent/],
])('%s', async (id, table, ddl, why) => {
  await publishTable(lab, table, [ddl], [`insert into ${table} (a) select generate_series(1, 5)`])
  if (id === 'column-missing') await lab.rows('reports', `alter table ${table} drop b`)
  await lab.rows('reports', `delete from ${table} where a = 3`)
  await using repairing = await Repairing.in(lab)
  const { plan } = await repairing.plan(toReports, [table])
  expect(plan.steps).toEqual([])
  expect(plan.refusals[0]?.why).toMatch(why)
})

test('more rows than are repaired one by one are refused', async () => {
  await using repairing = await Repairing.in(lab)
  const report = { verdict: 'divergent', detail: null, more: true, differing: [{ key: ['1'] }] } as const
  const { plan } = await repairing.planFrom(toReports, [{ schema: 'public', table: 'orders', report }])
  expect(plan.steps).toHaveLength(0)
  expect(plan.refusals[0]?.id).toBe('too-many-rows')
})

test('what the acting role lacks is named to the letter, and given it repairs as the superuser does', async () => {
  const login = 'create role mender login password $$m$$; grant connect on database auth to mender'
  await lab.rows('reports', login)
  const act = { reports: lab.url('reports', 'admin').replace(/\/\/[^@]*@/, '//mender:m@') }
  await using repairing = await Repairing.in(lab, { act })
  await lab.rows('reports', `update users set password_hash = 'wrong' where id = 7`)
  const refused = await repairing.plan(toReports, ['users'])
  expect(refused.plan.refusals[0]).toMatchObject({ id: 'not-allowed' })
  const [, grant] = /On reports: (.*)$/.exec(refused.plan.refusals[0]?.why ?? '') ?? []
  expect(grant).toBe('grant usage on schema public to mender; grant select, update on public.users to mender')
  await lab.rows('reports', String(grant))
  const plain = await repairing.plan(toReports, ['users'])
  expect(plain.plan.refusals).toEqual([])
  expect(notesOf(plain).join('\n')).toContain('grant set on parameter session_replication_role to mender')
  await lab.rows('reports', 'grant set on parameter session_replication_role to mender')
  const quiet = await repairing.plan(toReports, ['users'])
  expect(quiet.target).toMatchObject({ mayReplicate: true, mayOriginate: false })
  expect(await repairing.apply(quiet.plan)).toEqual(steps(1, 2))
  await equal('users')
})

test('triggers that fire all the same are named, one that changes the row undoes all, and ordinary ones stay silent', async () => {
  await lab.rows(
    'reports',
    `create table heard (what text);
    create function hear() returns trigger language plpgsql as $$ begin insert into public.heard values (tg_name); return new; end $$;
    create trigger ordinary before update on users for each row execute function hear();
    create trigger always before update on users for each row execute function hear();
    alter table users enable always trigger always;
    update users set password_hash = 'wrong' where id = 7; delete from heard`,
  )
  await using repairing = await Repairing.in(lab)
  const repair = await repairing.plan(toReports, ['users'])
  expect(notesOf(repair).join('\n')).toContain('these triggers fire all the same: always (update, public.hear)')
  expect(await repairing.apply(repair.plan)).toEqual(steps(1, 2))
  expect(await lab.rows('reports', 'select * from heard')).toEqual([{ what: 'always' }])
  await lab.rows(
    'reports',
    `create or replace function hear() returns trigger language plpgsql as $$ begin new.password_hash := 'mine'; return new; end $$;
    alter table users disable trigger always; update users set password_hash = 'wrong' where id = 9;
    alter table users enable always trigger always`,
  )
  const meddled = await repairing.plan(toReports, ['users'])
  expect((await repairing.apply(meddled.plan)).at(-1)).toMatch(
    /row \["9"\] is not as the plan says: once written, password_hash is not as expected: a trigger or rule changes it/,
  )
})

test('a repaired row that refers to nothing is told with its value, and can be taken back', async () => {
  await lab.rows('reports', 'delete from sessions where user_id = 8; delete from orders where user_id = 8')
  await lab.rows('reports', 'delete from users where id = 8')
  await using repairing = await Repairing.in(lab)
  const { plan } = await repairing.plan(toReports, ['sessions'])
  const said = await repairing.apply(plan)
  expect(said.at(-1)).toMatch(
    /failed 2: public.sessions on reports: foreign key sessions_user_id_fkey has a value without a row to refer to: 8/,
  )
  expect(await repairing.undo(plan)).toEqual(steps(1))
})

test('deleting a row whose children would go with it is refused to who may not switch that off', async () => {
  await lab.rows(
    'reports',
    `create role mender login password 'm'; grant usage on schema public to mender;
    grant select, update, insert, delete on users to mender; insert into users values (-5, 'stranger', 'x');
    create table notes (user_id int references users on delete cascade); insert into notes values (-5)`,
  )
  const act = { reports: lab.url('reports', 'admin').replace(/\/\/[^@]*@/, '//mender:m@') }
  await using repairing = await Repairing.in(lab, { act })
  const { plan } = await repairing.plan(toReports, ['users'])
  expect(plan.refusals[0]).toMatchObject({ id: 'would-cascade' })
  await using asSuperuser = await Repairing.in(lab)
  const other = await asSuperuser.plan(toReports, ['users'])
  const said = await asSuperuser.apply(other.plan)
  expect(said.at(-1)).toMatch(/failed 2: .*notes_user_id_fkey has a value without a row to refer to: -5/)
  expect(await lab.rows('reports', 'select user_id from notes')).toEqual([{ user_id: -5 }])
  expect(await asSuperuser.undo(other.plan)).toEqual(steps(1))
})
