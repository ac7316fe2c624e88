import { expect, test } from 'vitest'
import { change } from '../../test/builders.ts'
import { aboutCarriage, aboutColumns, aboutConstraints, aboutDisabling, aboutIdentity, aboutRows } from './news.ts'

const index = change('primary:public.users', {
  before: 'no index CREATE INDEX algo ON public.users USING btree (algo)',
  after: 'index CREATE INDEX algo ON public.users USING btree (algo)',
})
const added = change('primary:public.users', { before: 'no column algo', after: 'column algo text' })
const made = change('primary:public.users')
const anew = change('primary:public.users', { before: 'oid 1: table (id integer)', after: 'oid 2: table (id integer)' })
const owned = change('primary:public.users', { before: 'owner app', after: 'owner admin' })
const trigger = change('primary:public.users', { before: 'no trigger stamp', after: 'trigger stamp enabled' })
const foreign = change('primary:public.users', { before: '3', after: '4', source: 'webhook' })

test('news of a column is the column itself or its table, not an index on it, an owner or another column', () => {
  const isAbout = aboutColumns(['algo'])
  expect([added, made, anew, foreign].map(isAbout)).toEqual([true, true, true, true])
  expect([index, owned, trigger].map(isAbout)).toEqual([false, false, false])
  expect(aboutColumns(['alg', 'id'])(added)).toBe(false)
})

test('news of rows is what moves rows', () => {
  expect([added, made, anew, trigger].map(aboutRows)).toEqual([true, true, true, true])
  expect([index, owned].map(aboutRows)).toEqual([false, false])
  expect(aboutRows(change('x', { kind: 'data', before: 'a', after: 'b' }))).toBe(true)
})

test('news of a gap is what can have made this gap', () => {
  const about = (gap: Parameters<typeof aboutCarriage>[0]) => aboutCarriage(gap, 'public.users')
  const flags = change('primary:publication pub', { before: 'publish: insert, update', after: 'publish: insert' })
  const off = change('subscriber:subscription sub', { before: 'enabled', after: 'disabled' })
  const other = change('subscriber:subscription sub', { before: 'tables none', after: 'tables public.orders' })
  const gone = change('subscriber:subscription sub', { before: 'tables public.users', after: 'tables none' })
  const fewer = change('primary:publication pub', { before: 'for all tables', after: 'for named tables' })
  expect([flags, off, other, gone, fewer, made, added, index].map(about('not-in-publication'))).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
    false,
    false,
  ])
  expect(about('operations')(flags)).toBe(true)
  expect(about('column-list')(added)).toBe(true)
})

test('news of a disabled subscription is that it was disabled', () => {
  expect(aboutDisabling(change('s', { before: 'enabled', after: 'disabled' }))).toBe(true)
  expect(aboutDisabling(change('s', { after: 'disabled; publication pub, slot sub' }))).toBe(true)
  expect(aboutDisabling(change('s', { before: 'publication a, slot s', after: 'publication b, slot s' }))).toBe(false)
  expect(aboutDisabling(change('s', { before: 'disabled', after: 'enabled' }))).toBe(false)
})

test('news of how rows are identified is the key, the identity, or what is published', () => {
  const key = change('primary:public.users', {
    before: 'constraint PRIMARY KEY (id)',
    after: 'no constraint PRIMARY KEY (id)',
  })
  const identity = change('primary:public.users', {
    before: 'replica identity primary key',
    after: 'replica identity nothing',
  })
  const flags = change('primary:publication pub', { before: 'publish: insert', after: 'publish: insert, update' })
  expect([key, identity, flags, made].map(aboutIdentity)).toEqual([true, true, true, true])
  expect([index, added, owned, trigger].map(aboutIdentity)).toEqual([false, false, false, false])
})

test('news of what a table refuses is a constraint or a unique index', () => {
  const unique = change('primary:public.users', {
    before: 'no index CREATE UNIQUE INDEX algo ON public.users USING btree (algo)',
    after: 'index CREATE UNIQUE INDEX algo ON public.users USING btree (algo)',
  })
  expect([unique, made].map(aboutConstraints)).toEqual([true, true])
  expect([index, added, owned, trigger].map(aboutConstraints)).toEqual([false, false, false, false])
})
