import fc from 'fast-check'
import { expect, test } from 'vitest'
import { column, node, publication, subscription, t0, table } from '../../test/builders.ts'
import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import type { NodeRole } from '../core/snapshot.ts'
import { unseen } from '../core/observation.ts'
import { diff } from './diff.ts'
import { fingerprintOf, stillAt } from './fingerprint.ts'

const at = (facts: Partial<PostgresFacts> = {}, atMs = t0, role: NodeRole = 'primary') =>
  fingerprintOf(node(role, role, facts, atMs))

const told = (before: Partial<PostgresFacts>, after: Partial<PostgresFacts>, role: NodeRole = 'primary') =>
  diff(at(before, t0, role), at(after, t0 + 1000, role)).map(({ kind, object, before, after }) => ({
    kind,
    object,
    before,
    after,
  }))

const users = table('users')

test('a table created, altered and dropped is a schema change of that table', () => {
  const wider = table('users', {
    columns: [...users.columns, column('email', 'character varying(50)', { notNull: true })],
  })
  expect(told({ tables: [] }, { tables: [users] })).toEqual([
    {
      kind: 'schema',
      object: 'primary:public.users',
      before: null,
      after: 'table (id integer not null, password_hash text)',
    },
  ])
  expect(told({ tables: [users] }, { tables: [wider] })).toEqual([
    {
      kind: 'schema',
      object: 'primary:public.users',
      before: 'no column email',
      after: 'column email character varying(50) not null',
    },
  ])
  expect(told({ tables: [wider] }, { tables: [] })).toMatchObject([{ object: 'primary:public.users', after: null }])
})

test('an altered column, a dropped constraint and a replica identity say what was and what is', () => {
  const altered = table('users', {
    columns: [column('id', 'bigint', { notNull: true }), column('password_hash', 'text', { default: "''::text" })],
    constraints: [],
    replicaIdentity: 'f',
  })
  expect(told({ tables: [users] }, { tables: [altered] })).toEqual([
    {
      kind: 'schema',
      object: 'primary:public.users',
      before:
        'column id integer not null; column password_hash text; constraint PRIMARY KEY (id); replica identity primary key',
      after:
        "column id bigint not null; column password_hash text default ''::text; no constraint PRIMARY KEY (id); replica identity full",
    },
  ])
})

test('a table dropped and created again between two looks is a change, even if it looks the same', () => {
  expect(told({ tables: [users] }, { tables: [{ ...users, oid: 99_999 }] })).toMatchObject([{ kind: 'schema' }])
})

test('a renamed table is told under both names, each with the other', () => {
  const renamed = { ...users, name: 'accounts' }
  expect(told({ tables: [users] }, { tables: [renamed] })).toMatchObject([
    { object: 'primary:public.accounts', before: 'public.users (before it was renamed)' },
    { object: 'primary:public.users', after: 'renamed to public.accounts' },
  ])
})

test('rows that come and go are no change', () => {
  expect(told({ tables: [users] }, { tables: [{ ...users, rowsEstimated: 5 }] })).toEqual([])
})

test('a publication and each table in it change under their own names', () => {
  const both = publication(['users', 'credentials'])
  const filtered = {
    ...both,
    tables: both.tables.map((one) => (one.name === 'users' ? { ...one, rowFilter: '(id > 5)' } : one)),
  }
  expect(told({ publications: [] }, { publications: [both] })).toEqual([
    {
      kind: 'topology',
      object: 'primary:publication pub',
      before: null,
      after: 'for public.users, public.credentials; publish: insert, update, delete, truncate',
    },
  ])
  expect(told({ publications: [both] }, { publications: [publication(['users'])] })).toEqual([
    {
      kind: 'topology',
      object: 'primary:publication pub:public.credentials',
      before: 'published: all columns, all rows',
      after: null,
    },
  ])
  expect(told({ publications: [both] }, { publications: [filtered] })).toMatchObject([
    { object: 'primary:publication pub:public.users', after: 'published: all columns, rows where (id > 5)' },
  ])
  const insertsOnly = { ...both, publishes: { insert: true, update: false, delete: false, truncate: false } }
  expect(told({ publications: [both] }, { publications: [insertsOnly] })).toMatchObject([
    { object: 'primary:publication pub', after: 'publish: insert' },
  ])
})

test('a subscription created, disabled and refreshed; a copy that goes through its states is no change', () => {
  const now = subscription(['users'])
  const copying = { ...now, tables: now.tables.map((one) => ({ ...one, state: 'd' })) }
  const object = 'subscriber:subscription sub'
  const states = (before: Partial<PostgresFacts>, after: Partial<PostgresFacts>) => told(before, after, 'subscriber')
  expect(states({ subscriptions: [] }, { subscriptions: [now] })).toEqual([
    { kind: 'topology', object, before: null, after: 'enabled; publication pub, slot sub' },
  ])
  expect(states({ subscriptions: [now] }, { subscriptions: [{ ...now, enabled: false }] })).toEqual([
    { kind: 'topology', object, before: 'enabled', after: 'disabled' },
  ])
  expect(states({ subscriptions: [now] }, { subscriptions: [subscription(['users', 'orders'])] })).toMatchObject([
    { object, after: 'tables public.users, public.orders' },
  ])
  expect(states({ subscriptions: [now] }, { subscriptions: [copying] })).toEqual([])
})

test('a setting, another version, a restart and a promotion', () => {
  const before = node('standby', 'standby').facts.server
  if (!before.seen) throw new Error('the builder gives a server')
  const server = { ...before.value, versionNum: 180_005, startedMs: t0, inRecovery: false }
  expect(told({ settings: { work_mem: '4096' } }, { settings: { work_mem: '8192' } })).toEqual([
    { kind: 'setting', object: 'primary:work_mem', before: '4096', after: '8192' },
  ])
  expect(told({}, { server }, 'standby').map(({ kind, after }) => [kind, after])).toEqual([
    ['software', 'PostgreSQL 18.5'],
    ['topology', 'promoted: not in recovery'],
    ['topology', 'restarted 2026-03-05T09:04:00.000Z'],
  ])
})

test('what changes in the catalogs of a standby is told by its primary alone', () => {
  expect(told({ tables: [] }, { tables: [users] }, 'standby')).toEqual([])
})

test('a fact that was not seen neither changes nor hides the next change', () => {
  const blind = node('primary', 'primary', {}, t0 + 1000)
  const facts = { ...blind.facts, tables: unseen('timed-out', 'slow', 'wait') }
  const before = at({ tables: [] })
  const between = fingerprintOf({ name: 'primary', facts }, before)
  expect(diff(before, between)).toEqual([])
  const after = fingerprintOf(node('primary', 'primary', { tables: [users] }, t0 + 2000), between)
  expect(diff(between, after)).toMatchObject([{ object: 'primary:public.users', notBeforeMs: t0, atMs: t0 + 2000 }])
})

test('a change happened after the last moment at which all was known to be still the same', () => {
  const known = stillAt(at({ tables: [] }), ['tables'], t0 + 700)
  expect(diff(known, at({ tables: [users] }, t0 + 1000))).toMatchObject([{ notBeforeMs: t0 + 700, atMs: t0 + 1000 }])
})

const names = fc.constantFrom('users', 'credentials', 'sessions', 'a b')
const oids = fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 4 })
const shape = fc.record({ name: names, type: fc.constantFrom('integer', 'text'), identity: fc.constantFrom('d', 'f') })
const tables = fc
  .tuple(fc.uniqueArray(shape, { selector: ({ name }) => name }), oids)
  .map(([shapes, oids]) => shapes.map((one, i) => ({ ...one, oid: oids[i] ?? 99 })))
const settings = fc.dictionary(fc.constantFrom('work_mem', 'wal_level', 'port'), fc.string(), { noNullPrototype: true })
const facts = fc.record({ tables, settings, enabled: fc.boolean(), published: fc.uniqueArray(names) }).map((raw) => ({
  tables: raw.tables.map(({ name, oid, type, identity }) =>
    table(name, { oid, columns: [column('id', type)], replicaIdentity: identity }),
  ),
  settings: raw.settings,
  publications: [publication(raw.published)],
  subscriptions: [subscription(raw.published, { enabled: raw.enabled })],
}))

test('nothing has changed between a fingerprint and itself, whatever it holds', () => {
  fc.assert(
    fc.property(facts, (given) => {
      expect(diff(at(given), at(given, t0 + 5000))).toEqual([])
    }),
  )
})

test('the same two fingerprints give the same changes, each with its own id, whatever the order of their lists', () => {
  fc.assert(
    fc.property(facts, facts, (before, after) => {
      const changes = diff(at(before), at(after, t0 + 1000))
      const turned = { ...after, tables: after.tables.toReversed() }
      expect(diff(at({ ...before, tables: before.tables.toReversed() }), at(turned, t0 + 1000))).toEqual(changes)
      expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length)
      for (const change of changes) expect(change.before).not.toBe(change.after)
    }),
  )
})
