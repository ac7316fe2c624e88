import { expect, test } from 'vitest'
import type { FillableColumn, FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import { hintsFor } from './hints.ts'
import { insertOf, ladders, parentsFirst, rowFor } from './row.ts'
import { valueOf } from './values.ts'

const column = (name: string, more: Partial<FillableColumn> = {}): FillableColumn => ({
  name,
  type: 'int4',
  kind: 'b',
  category: 'N',
  typmod: -1,
  notNull: true,
  hasDefault: false,
  generated: false,
  labels: [],
  fields: 0,
  ...more,
})

const table = (name: string, more: Partial<FillableTable> = {}): FillableTable => ({
  schema: 'public',
  name,
  root: null,
  unlogged: false,
  columns: [column('id')],
  primaryKey: ['id'],
  unique: ['id'],
  foreignKeys: [],
  checks: [],
  ...more,
})

const none = hintsFor('id', [])

test.each([
  ['int4', -1, 'highest', '2147483646'],
  ['int4', -1, 'lowest', '-2147483647'],
  ['numeric', ((10 << 16) | 2) + 4, 'highest', '99999999.98'],
  ['numeric', ((3 << 16) | 3) + 4, 'highest', '0.998'],
  ['varchar', 4 + 5, 'highest', 'éaéa1'],
  ['varchar', 4 + 1, 'plain', '1'],
  ['timestamptz', -1, 'highest', 'infinity'],
] as const)('a %s with modifier %i has %s as its %s', (type, typmod, style, expected) => {
  expect(valueOf(column('a', { type, typmod }), style, 1, none)).toBe(expected)
})

test('NULL is the lowest where it may be, the last label the highest of an enum', () => {
  expect(valueOf(column('a', { notNull: false }), 'lowest', 0, none)).toBeNull()
  expect(valueOf(column('a', { kind: 'e', labels: ['x', 'y'] }), 'highest', 0, none)).toBe('y')
})

test.each([
  [
    `CHECK (((status)::text = ANY ((ARRAY['new'::character varying, 'it''s'::character varying])::text[])))`,
    ['new', "it's"],
    null,
  ],
  [`CHECK ((status = 'on'::text))`, ['on'], null],
  [`CHECK ((status >= (5)::numeric))`, [], '5'],
  [`((status IS NOT NULL) AND (status >= '2027-01-01'::date) AND (status < '2028-01-01'::date))`, [], '2027-01-01'],
  [`CHECK (VALUE > 3)`, [], '3'],
  [`CHECK ((other_status = 'x'::text))`, [], null],
])('%s is understood', (text, oneOf, atLeast) => {
  expect(hintsFor('status', [{ text }])).toEqual({ oneOf, atLeast })
})

test('a row leaves to the server what the server writes, and looks its references up', () => {
  const orders = table('orders', {
    columns: [
      column('id', { generated: true }),
      column('user_id'),
      column('note', { type: 'text', notNull: false }),
      column('at', { type: 'date', hasDefault: true }),
    ],
    foreignKeys: [{ columns: ['user_id'], schema: 'public', table: 'users', references: ['id'] }],
  })
  const [plain] = ladders.plain
  if (!plain) throw new Error('no kinds of rows')
  expect(insertOf(orders, rowFor(orders, { kind: plain, n: 1, refer: () => null }))).toBe(
    `insert into "public"."orders" as x ("user_id", "note", "at") values ((select "id" from "public"."users" order by "id" offset 1 limit 1), 'am1', '2026-01-02')`,
  )
})

test('tables come after those that they refer to', () => {
  const refers = (to: string) => [{ columns: ['id'], schema: 'public', table: to, references: ['id'] }]
  const ordered = parentsFirst([
    table('a', { foreignKeys: refers('b') }),
    table('b', { foreignKeys: refers('c') }),
    table('c'),
  ])
  expect(ordered.map(({ name }) => name)).toEqual(['c', 'b', 'a'])
})
