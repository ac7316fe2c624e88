import { expect, test } from 'vitest'
import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import { readChange } from '../change/read-change.ts'
import { maskedColumns, tablesToSample } from './choose.ts'

const fillable = (
  name: string,
  columns: readonly string[],
  to: readonly [column: string, table: string, key: string][],
) =>
  ({
    schema: 'public',
    name,
    root: null,
    unlogged: false,
    columns: columns.map((column) => ({
      name: column,
      type: 'text',
      kind: 'b',
      category: 'S',
      typmod: -1,
      notNull: false,
      hasDefault: false,
      generated: false,
      labels: [],
      fields: 0,
    })),
    primaryKey: [],
    unique: [],
    foreignKeys: to.map(([column, table, key]) => ({
      columns: [column],
      schema: 'public',
      table,
      references: [key],
    })),
    checks: [],
  }) satisfies FillableTable

const tables = [
  fillable('users', ['handle', 'email', 'plan'], []),
  fillable('orders', ['id', 'buyer'], [['buyer', 'users', 'handle']]),
  fillable('items', ['id', 'order_id'], [['order_id', 'orders', 'id']]),
  fillable('plans', ['id'], []),
]

test('what looks personal is masked, and what somebody names, with all that refers to it', () => {
  expect([...maskedColumns(tables, { mask: [], unmask: [] })]).toEqual(['public.users.email'])
  expect([...maskedColumns(tables, { mask: ['public.orders.buyer'], unmask: ['public.users.email'] })].sort()).toEqual([
    'public.orders.buyer',
    'public.users.handle',
  ])
})

test('a name that is no column is refused', () => {
  expect(() => maskedColumns(tables, { mask: ['users.email'], unmask: [] })).toThrow('there is no column "users.email"')
})

test('rows are read of the tables that a change names and of those that refer to them, of no other', async () => {
  const statements = await readChange({ name: 'm.sql', text: 'alter table users add column x int' })
  const steps = statements.map((statement) => ({ statement, nodes: ['primary'] }))
  expect([...tablesToSample(tables, steps)].map(({ name }) => name)).toEqual(['users', 'orders'])
})
