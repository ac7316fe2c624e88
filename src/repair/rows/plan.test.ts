import { expect, test } from 'vitest'
import { t0 } from '../../../test/builders.ts'
import type { TargetLook } from '../../engines/postgres/act/repair-look.ts'
import { backOf, probedOf } from './doers.ts'
import { notesOf } from './notes.ts'
import { planRows, type RowsPlan } from './plan.ts'
import { planSql } from './sql-text.ts'
import type { TableRows } from './table-rows.ts'
import { keyOf, lookOf, rowsOf, targetOf } from './testing/tables.ts'
import { concerns, mustReplace, parentsFirst } from './writing.ts'

const direction = { left: 'primary', right: 'reports', subscription: 'sub', target: 'reports', source: 'primary' }

const planOf = (
  tables: readonly TableRows[],
  target: Partial<TargetLook> = {},
  expected: string | null = null,
): RowsPlan =>
  planRows({
    id: 'repair-1',
    cluster: 'auth',
    atMs: t0,
    digest: (text) => `${text.length}`,
    direction,
    target: targetOf(target),
    expected,
    tables,
  })

const missing = { key: ['2'], from: null, to: { id: '2', name: 'b' } }
const extra = { key: ['3'], from: { id: '3', name: 'c' }, to: null }
const changed = { key: ['1'], from: { id: '1', name: 'wrong' }, to: { id: '1', name: 'right' } }

test('rows too many go before others come, and the same plan is made of the same facts', () => {
  const plan = planOf([rowsOf({ rows: [changed, missing, extra] })])
  expect(plan.plan.steps.map(({ kind, words }) => [kind, words.split(',')[0]])).toEqual([
    ['rows-exchange', 'public.users: delete 1 row'],
    ['rows-exchange', 'public.users: insert 1 row'],
    ['rows-prove', 'public.users: compare the same 3 rows of primary and reports again'],
  ])
  expect(planOf([rowsOf({ rows: [changed, missing, extra] })])).toEqual(plan)
})

test('two thousand rows are three transactions when the last ones do not fit', () => {
  const rows = Array.from({ length: 2001 }, (_, n) => ({ ...missing, key: [`${n}`] }))
  expect(planOf([rowsOf({ rows })]).plan.steps.map(({ kind }) => kind)).toEqual([
    'rows-exchange',
    'rows-exchange',
    'rows-exchange',
    'rows-prove',
  ])
})

test.each<[string, Partial<TableRows>, Partial<TargetLook>, string]>([
  ['corrupt', { verdict: 'corrupt' }, {}, 'rows beside damaged pages'],
  ['unreadable', { problem: { why: 'reports: gone', remedy: 'Start it.' } }, {}, 'reports: gone. Start it.'],
  ['lagging', { verdict: 'lagging' }, {}, 'not compared to its end'],
  ['no-key', { key: [] }, {}, 'no primary key'],
  ['too-many-rows', { more: true }, {}, 'more rows differ'],
  ['table-gone', { look: null }, {}, 'no such table'],
  ['unlogged', { look: lookOf({ isPermanent: false }) }, {}, 'unlogged'],
  ['inherited', { look: lookOf({ isInherited: true }) }, {}, 'inherit'],
  ['row-security', { look: lookOf({ hasPolicy: true }) }, {}, 'alter role mender bypassrls'],
  ['not-allowed', { look: lookOf({ may: ['SELECT'] }) }, {}, 'grant update on public.users to mender'],
  ['no-key-there', { look: lookOf({ uniques: [] }) }, {}, 'no unique index is over id'],
  ['column-missing', { compared: ['id', 'more'] }, {}, 'has no column more'],
  [
    'not-allowed',
    { rows: [extra], look: lookOf({ foreignKeys: [keyOf({ isReadable: false })] }) },
    {},
    'grant select on public.orders to mender',
  ],
  [
    'would-cascade',
    { rows: [extra], look: lookOf({ foreignKeys: [keyOf({ onDelete: 'c' })] }) },
    { mayReplicate: false },
    'grant set on parameter session_replication_role to mender',
  ],
  [
    'no-replica-identity',
    { look: lookOf({ hasIdentity: false, publications: [{ name: 'p', insert: true, update: true, delete: true }] }) },
    {},
    'publication p of reports',
  ],
  ['would-return', { sentOn: [{ node: 'primary', subscription: 'back', rows: 2 }] }, {}, 'origin = none'],
  [
    'would-return',
    { sentOn: [{ node: 'primary', subscription: 'back', rows: 2 }] },
    { mayOriginate: false },
    'As a superuser of reports: grant execute on function pg_replication_origin_create(text)',
  ],
  ['would-be-sent-on', { sentOn: [{ node: 'third', subscription: 'on', rows: 2 }] }, {}, 'third has 2 of the rows'],
])('%s: left as it is, with what to do', (id, rows, target, words) => {
  const { plan } = planOf([rowsOf(rows)], target)
  expect(plan.steps).toEqual([])
  expect(plan.refusals).toMatchObject([{ id, why: expect.stringContaining(words) }])
})

test('one table that is refused does not keep the others from being repaired', () => {
  const { plan, leftOut } = planOf([rowsOf(), rowsOf({ table: 'logs', key: [] })])
  expect(plan.refusals).toEqual([])
  expect(plan.steps).toHaveLength(2)
  expect(leftOut).toMatchObject([{ id: 'no-key', evidence: { table: 'public.logs' } }])
})

test('an address that leads elsewhere, a standby and a node where nothing differs are refused as a whole', () => {
  expect(planOf([rowsOf()], {}, '8/auth').plan.refusals).toMatchObject([{ id: 'other-server' }])
  expect(planOf([rowsOf()], { isInRecovery: true }).plan.refusals).toMatchObject([{ id: 'standby' }])
  expect(planOf([rowsOf({ rows: [], healed: 3 })]).plan.refusals).toMatchObject([{ id: 'nothing-to-do' }])
})

test('children are deleted before their parents, and parents written before their children', () => {
  const foreignKeys = [keyOf()]
  const users = rowsOf({ rows: [extra, missing], look: lookOf({ foreignKeys }) })
  const orders = rowsOf({
    table: 'orders',
    rows: [extra, missing],
    look: lookOf({ foreignKeys: [keyOf({ isParent: false })] }),
  })
  const words = planOf([orders, users]).plan.steps.map((step) => step.words)
  expect(words.slice(0, 4).map((text) => text.split(',')[0])).toEqual([
    'public.orders: delete 1 row',
    'public.users: delete 1 row',
    'public.users: insert 1 row',
    'public.orders: insert 1 row',
  ])
  expect(parentsFirst([orders, users]).map(({ table }) => table)).toEqual(['users', 'orders'])
})

test('a foreign key is concerned where its own columns change, rows come to refer, or rows go that are referred to', () => {
  expect(concerns(keyOf(), [changed])).toBe(false)
  expect(concerns(keyOf(), [extra])).toBe(true)
  expect(concerns(keyOf(), [missing])).toBe(false)
  expect(concerns(keyOf({ isParent: false, childColumns: ['id'] }), [missing])).toBe(true)
  expect(concerns(keyOf({ parentColumns: ['name'] }), [changed])).toBe(true)
})

test('a row is replaced only where an update cannot make it right', () => {
  const look = lookOf({ uniques: [['id'], ['name']] })
  const other = { key: ['9'], from: { id: '9', name: 'right' }, to: { id: '9', name: 'wrong' } }
  expect(mustReplace([changed], look)).toBe(false)
  expect(mustReplace([changed, other], look)).toBe(true)
  const [id, name] = lookOf().columns
  for (const special of [{ generated: 's' }, { identity: 'a' }]) {
    const columns = [id, name].flatMap((each) => (each ? [{ ...each, ...(each.name === 'name' ? special : {}) }] : []))
    expect(mustReplace([changed], lookOf({ columns }))).toBe(true)
  }
})

test('the way back puts only the written columns back, and a transaction is done, not done or unseen', () => {
  const kept = [{ key: ['1'], from: { id: '1', name: 'wrong', own: 'x' }, to: { id: '1', name: 'right' } }, missing]
  expect(backOf(kept)).toEqual([
    { key: ['1'], from: { id: '1', name: 'right' }, to: { id: '1', name: 'wrong' } },
    { key: ['2'], from: { id: '2', name: 'b' }, to: null },
  ])
  const found = (name: string) => new Map([['["1"]', [{ id: '1', name }]]])
  expect(probedOf([changed], found('wrong'))).toBe('not-done')
  expect(probedOf([changed], found('right'))).toBe('done')
  expect(probedOf([changed], found('another'))).toBe('cannot-see')
})

test('a value with a line break or a quote becomes neither a statement nor the end of one', () => {
  const evil = `x'\n; drop table users; --`
  const sql = planSql(
    planOf([rowsOf({ rows: [{ ...changed, from: { id: '1', name: evil }, to: { id: '1', name: evil + '\\' } }] })]),
  )
  expect(sql.split('\n').filter((line) => line.startsWith('-- only if'))).toHaveLength(1)
  expect(sql).toContain(`set "name" = E'x''\n; drop table users; --\\\\' where`)
})

test('what fires, what lies behind and what is sent on is told', () => {
  const look = lookOf({
    triggers: [
      { name: 'ordinary', enabled: 'O', event: 'update', calls: 'f' },
      { name: 'always', enabled: 'A', event: 'update', calls: 'g' },
    ],
    sequences: [{ name: 'public.users_id_seq', column: 'id', last: '5' }],
    publications: [{ name: 'p', insert: true, update: true, delete: true }],
  })
  const told = (target: Partial<TargetLook>): string =>
    notesOf(planOf([rowsOf({ look, greatest: { id: '9' } })], target)).join('\n')
  expect(told({ slots: ['onward'] })).toMatch(
    /fire all the same: always \(update, g\)[^]*setval\('public.users_id_seq', 9\)[^]*readers of onward/,
  )
  expect(told({ mayReplicate: false, mayOriginate: false })).toMatch(
    /ordinary \(update, f\), always[^]*grant execute on function pg_replication_origin_create/,
  )
})
