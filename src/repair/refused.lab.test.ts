import { beforeEach, expect, test } from 'vitest'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { carriedIn, Mending, migrate, planFor, steps } from './testing/situation.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
  await migrate(lab)
})

const untouched = { published: 0, subscribed: 0, primary: 1000, reports: 0 }

/** The steps that were said, and the refusal that ended them. */
async function refusedAfter(trouble: () => Promise<unknown>, act: Readonly<Record<string, string>> = {}) {
  const plan = await planFor(lab)
  await trouble()
  await using mending = await Mending.in(lab, act)
  const said = await mending.apply(plan)
  const last = await mending.last(plan)
  return {
    said,
    refusal: last?.output['refusal'],
    error: String(last?.output['error']),
    effect: last?.output['effect'],
  }
}

const mender = async (node: string): Promise<string> => {
  await lab.rows(node, `create role mender login password 'm'`)
  await lab.rows(node, 'grant select on user_credentials to mender')
  return lab.url(node, 'admin').replace(/\/\/[^@]*@/, '//mender:m@')
}

test('a role that owns neither publication nor subscription is refused before anything is done', async () => {
  const acts = { primary: await mender('primary'), reports: await mender('reports') }
  const nobody = await refusedAfter(async () => undefined, acts)
  expect(nobody).toMatchObject({ said: ['failed 1'], refusal: 'not-owner', effect: 'not-done' })
  expect(nobody.error).toBe('reports: the acting role does not own subscription reports_sub')
  const half = await refusedAfter(async () => undefined, { primary: acts.primary })
  expect(half).toMatchObject({ said: [...steps(1), 'failed 2'], refusal: 'not-owner' })
  expect(half.error).toBe('primary: the acting role does not own publication auth_pub')
  await lab.rows('primary', 'alter publication auth_pub owner to mender')
  const table = await refusedAfter(async () => undefined, { primary: acts.primary })
  expect(table.error).toBe('primary: the acting role does not own public.user_credentials')
  expect(await carriedIn(lab)).toEqual(untouched)
})

test('an address of another server, of another database or of nobody is refused', async () => {
  const other = { primary: lab.url('reports', 'admin') }
  expect(await refusedAfter(async () => undefined, other)).toMatchObject({ refusal: 'other-server' })
  await lab.rows('primary', 'create database other')
  const database = { primary: lab.url('primary', 'admin').replace(/auth$/, 'other') }
  expect(await refusedAfter(async () => undefined, database)).toMatchObject({ refusal: 'other-server' })
  const standby = { primary: lab.url('standby', 'admin') }
  expect(await refusedAfter(async () => undefined, standby)).toMatchObject({ refusal: 'read-only' })
  const nowhere = { reports: 'postgresql://postgres@127.0.0.1:1/auth' }
  expect(await refusedAfter(async () => undefined, nowhere)).toMatchObject({
    said: ['failed 1'],
    refusal: 'precondition-unseen',
    error: expect.stringContaining('ECONNREFUSED'),
  })
  expect(await carriedIn(lab)).toEqual(untouched)
})

test.each<[string, string, string, string]>([
  ['rows-in-the-way', 'reports', `insert into user_credentials values (1, 'x')`, 'is not empty'],
  ['table-gone', 'reports', 'drop table user_credentials', 'there is no table public.user_credentials'],
  ['table-gone', 'primary', 'drop table user_credentials', 'there is no table public.user_credentials'],
  ['table-not-ordinary', 'reports', 'alter table user_credentials set unlogged', 'partitioned, unlogged or no table'],
  ['subscription-disabled', 'reports', 'alter subscription reports_sub disable', 'is disabled: enable it first'],
  ['not-subscribed', 'reports', 'alter subscription reports_sub set publication x with (refresh = false)', 'auth_pub'],
  ['publication-unknown', 'primary', 'alter publication auth_pub rename to p', 'there is no publication auth_pub'],
  ['already-published', 'primary', 'alter publication auth_pub add table user_credentials', 'lists public'],
  ['publishes-part', 'primary', `alter publication auth_pub set (publish = 'insert')`, 'every operation'],
  ['no-replica-identity', 'primary', 'alter table user_credentials drop constraint user_credentials_pkey', 'refuse'],
])('%s: on %s somebody did "%s" after the plan was made, and nothing is begun', async (id, node, sql, words) => {
  const before = async (): Promise<unknown> => lab.rows('primary', 'select * from pg_publication_rel order by oid')
  let changed: unknown
  const refused = await refusedAfter(async () => {
    await lab.rows(node, sql)
    changed = await before()
  })
  expect(refused).toMatchObject({ refusal: id, error: expect.stringContaining(words), effect: 'not-done' })
  expect(refused.said.filter((each) => each === 'begun 3')).toEqual([])
  expect(await before()).toEqual(changed)
})

test('an entry that somebody else made before ours is left alone by resume and undo', async () => {
  const plan = await planFor(lab)
  await using mending = await Mending.in(lab)
  const said = await mending.apply(plan, async (each) => {
    if (each === 'done 2') await lab.rows('primary', 'alter publication auth_pub add table user_credentials')
  })
  expect(said).toEqual([...steps(1, 2), 'failed 3'])
  expect(await mending.resume(plan)).toEqual(['failed 3'])
  expect((await mending.last(plan))?.output).toMatchObject({ refusal: 'already-published' })
  await mending.undo(plan)
  expect(await carriedIn(lab)).toMatchObject({ published: 1 })
})

test('a subscription that does not reach its publisher is refused at once, not waited for', async () => {
  const startedMs = performance.now()
  const refused = await refusedAfter(async () => {
    await lab.rows('reports', `alter subscription reports_sub connection 'host=127.0.0.1 port=1 dbname=auth'`)
    await expect
      .poll(async () =>
        lab.rows('primary', `select from pg_replication_slots where slot_name = 'reports_sub' and active`),
      )
      .toEqual([])
  })
  expect(refused).toMatchObject({ said: [...steps(1), 'failed 2'], refusal: 'not-connected' })
  expect(performance.now() - startedMs).toBeLessThan(10_000)
})

test('a refresh that would bring another table with rows, or one that is not there, is refused; an empty one comes along', async () => {
  await lab.rows('primary', 'create table other (id int primary key)')
  await lab.rows('primary', 'alter publication auth_pub add table other')
  expect(await refusedAfter(async () => undefined)).toMatchObject({
    refusal: 'table-gone',
    error: expect.stringContaining('public.other'),
  })
  await lab.rows('reports', 'create table other (id int primary key)')
  await lab.rows('reports', 'insert into other values (1)')
  expect(await refusedAfter(async () => undefined)).toMatchObject({
    refusal: 'rows-in-the-way',
    error: 'reports: the refresh would copy public.other as well, which is not empty there',
  })
  expect(await carriedIn(lab)).toEqual(untouched)
  await lab.rows('reports', 'delete from other')
  expect((await refusedAfter(async () => undefined)).said).toEqual(steps(1, 2, 3, 4, 5, 6))
})
