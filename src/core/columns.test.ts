import { expect, test } from 'vitest'
import { column, table } from '../../test/builders.ts'
import { columnDifferences, holdsAll, stopsApply } from './columns.ts'

test.each([
  ['bigint', 'integer'],
  ['integer', 'smallint'],
  ['numeric', 'bigint'],
  ['numeric(10,0)', 'integer'],
  ['numeric(12,2)', 'numeric(10,2)'],
  ['numeric', 'numeric(10,2)'],
  ['text', 'character varying(20)'],
  ['text', 'character varying'],
  ['character varying', 'text'],
  ['character varying(40)', 'character varying(20)'],
  ['double precision', 'integer'],
  ['timestamp without time zone', 'timestamp(3) without time zone'],
  ['bigint[]', 'integer[]'],
])('%s holds all of %s', (wide, narrow) => {
  expect(holdsAll(wide, narrow)).toBe(true)
})

test.each([
  ['integer', 'bigint'],
  ['bigint', 'numeric'],
  ['numeric(10,2)', 'numeric(12,2)'],
  ['character varying(20)', 'text'],
  ['character varying(20)', 'character varying(40)'],
  ['text', 'integer'],
  ['real', 'integer'],
  ['numeric(9,0)', 'integer'],
  ['numeric(12,3)', 'numeric(10,2)'],
  ['numeric(10,2)', 'numeric'],
  ['text', 'character(8)'],
  ['timestamp with time zone', 'timestamp without time zone'],
  ['bigint', 'integer[]'],
  ['uuid', 'text'],
  ['public.mood', 'text'],
  ['constructor', 'toString'],
  ['geometry(Point,4326)', 'geometry(Point,3857)'],
])('%s is not known to hold all of %s', (wide, narrow) => {
  expect(holdsAll(wide, narrow)).toBe(false)
})

test('each kind of difference is told, and only a wider type lets apply go on', () => {
  const there = table('users', {
    columns: [column('id', 'integer'), column('name'), column('algo'), column('n', 'integer')],
  })
  const here = table('users', {
    columns: [
      column('id', 'bigint'),
      column('name', 'character varying(8)'),
      column('n', 'integer', { generated: true }),
      column('tenant', 'integer', { notNull: true }),
    ],
  })
  const found = columnDifferences(there, here, null)
  expect(found.map(({ kind, column: name }) => `${kind} ${name ?? ''}`)).toEqual([
    'wider id',
    'type name',
    'missing algo',
    'missing n',
    'required tenant',
  ])
  expect(found.filter(stopsApply)).toHaveLength(4)
  expect(columnDifferences(there, undefined, null)).toMatchObject([{ kind: 'absent', column: null }])
})

test('what is not published is not compared', () => {
  const there = table('users', { columns: [column('id'), column('secret'), column('up', 'text', { generated: true })] })
  expect(columnDifferences(there, table('users', { columns: [column('id')] }), ['id'])).toEqual([])
})
