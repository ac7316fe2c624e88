import { expect, test } from 'vitest'
import { column, snapshot, table } from '../../../test/builders.ts'
import type { Plan } from '../../core/plan.ts'
import { undoOf } from '../../plans/undo-of.ts'
import { readChange } from '../change/read-change.ts'
import { stepsOf } from '../run/targets.ts'
import { isTakenBackAlone, planChange } from './plan.ts'
import { unitsOf } from './units.ts'

const users = table('users', {
  columns: [
    column('id', 'integer', { notNull: true }),
    column('name', 'text', { notNull: true, default: "'nobody'::text" }),
    column('note'),
  ],
})

async function planOf(
  text: string,
  canAct = true,
  { canaryTables = [], keepable = [] }: { canaryTables?: readonly string[]; keepable?: readonly string[] } = {},
): Promise<Plan> {
  const seen = snapshot({ primary: { tables: [users] }, subscriber: { tables: [users] } })
  const nodes = seen.nodes.flatMap(({ name, role }) => (role === null ? [] : [{ name, role }]))
  const steps = stepsOf(await readChange({ name: 'm.sql', text }), nodes)
  return planChange({
    id: 'gate-1',
    cluster: 'auth',
    primary: 'primary',
    change: 'abc',
    fingerprint: 'def',
    units: unitsOf(steps),
    snapshot: seen,
    keepable: new Set(keepable),
    canAct: () => canAct,
    canaryTables,
    budgetMs: 1_000,
    atMs: 1,
    validForMs: 10,
  })
}

/** The way back of the only step that changes something. */
async function wayBack(text: string): Promise<string> {
  const steps = (await planOf(text)).steps.filter(({ kind }) => !/look|test|keep/.test(kind))
  return steps.map(({ undo }) => ('none' in undo ? `none: ${undo.none}` : undo.step.words)).join(' | ')
}

test('a plan looks first, then acts in order, and tests last', async () => {
  const plan = await planOf(
    `-- antemortem:on subscriber
create table a (id int primary key);
-- antemortem:on primary
create table a (id int primary key); alter publication auth_pub add table a;
alter system set work_mem = '8MB';`,
  )
  expect(plan.steps.map(({ n, kind, node, words }) => [n, kind, node, words])).toEqual([
    [1, 'gate-look', null, expect.stringContaining('before the change')],
    [2, 'gate-keep-settings', 'primary', 'keep what postgresql.auto.conf says'],
    [3, 'gate-transaction', 'subscriber', 'create table a (id int primary key)'],
    [4, 'gate-transaction', 'primary', 'create table a (id int primary key); alter publication auth_pub add table a'],
    [5, 'gate-statement', 'primary', "alter system set work_mem = '8MB'"],
    [6, 'gate-test', null, expect.stringContaining('by reading only')],
  ])
  expect(plan.basis).toEqual({ fingerprint: 'def', atMs: 1, expiresMs: 11 })
})

test('a row in a table made for it is written before the change and with the tests, and last on the way back', async () => {
  const plan = await planOf('alter table users add column phone text', true, { canaryTables: ['app.beats'] })
  expect(plan.steps.map(({ kind }) => kind)).toEqual(['gate-look', 'gate-canary', 'gate-transaction', 'gate-test'])
  expect(plan.steps.at(-1)?.words).toContain('but for the row of our own')
  const journal = plan.steps.map(({ n }) => ({
    plan: plan.id,
    epoch: 1,
    n,
    phase: 'done' as const,
    atMs: n,
    output: {},
  }))
  expect(undoOf(plan, journal).steps.map(({ kind }) => kind)).toEqual(['gate-transaction-back', 'gate-canary-back'])
  expect(plan.steps.every(isTakenBackAlone)).toBe(true)
})

test('without an acting role the plan is refused, with the node', async () => {
  expect((await planOf('create schema s', false)).refusals).toMatchObject([
    { id: 'act-missing', evidence: { node: 'primary' } },
  ])
})

test.each([
  ['create table a (id int)', 'drop table a, if nobody else has written rows into it'],
  ['create table if not exists users (id int)', 'none: it leaves nothing of its own that would have to go'],
  ['create index i on users (name)', 'drop index i'],
  ['create index on users (name)', 'drop the index that it has made'],
  ['create index concurrently i on app.users (name)', 'drop index concurrently if exists app.i'],
  [
    'alter table users add column phone text, alter note set not null',
    'alter table users alter column note drop not null, drop column phone',
  ],
  ['alter table users alter name set not null', 'none: it leaves nothing of its own that would have to go'],
  ['alter table users alter name drop not null', 'alter table users alter column name set not null'],
  ['alter table users alter name drop default', "alter table users alter column name set default 'nobody'::text"],
  ['alter table users add constraint c check (id > 0) not valid', 'alter table users drop constraint c'],
  ['alter table users add check (id > 0)', 'drop the constraint that it has added to users'],
  ['alter table users drop column note', 'none: what it throws away only a backup or another node has'],
  ['alter table users rename note to remark', 'alter table users rename column remark to note'],
  ['alter table users rename to people', 'alter table people rename to users'],
  ['insert into users values (1)', 'delete the rows that it has inserted into users'],
  ['update users set note = 1', 'none: what it throws away only a backup or another node has'],
  ['alter publication p add table users', 'alter publication p drop table users'],
  [
    'create or replace view v as select 1',
    'none: its inverse needs what stood there before, which the statement does not say',
  ],
  ["create type mood as enum ('sad')", 'drop type mood'],
  ["alter type mood add value 'glad'", 'none: nothing brings it back'],
  ["alter system set work_mem = '8MB'", 'set work_mem back to what it was'],
  ['select pg_reload_conf()', 'none: it leaves nothing of its own that would have to go'],
])('the way back of %s is: %s', async (text, words) => {
  expect(await wayBack(text)).toBe(words)
})

test('what is made on a new table goes with the table', async () => {
  expect(await wayBack('create table a (id int); insert into a values (1); create index on a (id)')).toBe(
    [
      'drop table a, if nobody else has written rows into it',
      'none: it leaves nothing of its own that would have to go',
      'none: it leaves nothing of its own that would have to go',
    ].join(' | '),
  )
})

test('a connection string is put back where it can be kept, and its secret stands in no way back', async () => {
  const text = `-- antemortem:on subscriber
alter subscription sub connection 'host=db1 user=r password=new'`
  const [, keep, alter] = (await planOf(text, true, { keepable: ['subscriber sub'] })).steps
  expect(keep).toMatchObject({ kind: 'gate-keep-connection', node: 'subscriber', input: { subscription: 'sub' } })
  expect(alter?.undo).toMatchObject({
    step: { words: 'give subscription sub back the connection string that was kept' },
  })
  expect([alter?.input['rollback'], JSON.stringify(alter?.undo)]).toEqual(['R1', expect.not.stringContaining('new')])
  const [, unkept] = (await planOf(text)).steps
  expect([unkept?.kind, unkept?.input['rollback'], unkept?.undo]).toEqual([
    'gate-statement',
    'R2',
    { none: 'the acting role may not read the connection string that it replaces' },
  ])
})

test('only what is exact is taken back without a person', async () => {
  const alone = async (text: string): Promise<boolean> => (await planOf(text)).steps.every(isTakenBackAlone)
  expect(await alone('alter table users add column phone text')).toBe(true)
  // Its inverse is known, and what subscribers missed meanwhile does not come back.
  expect(await alone('alter publication p add table users')).toBe(false)
  expect(await alone('delete from users')).toBe(false)
})
