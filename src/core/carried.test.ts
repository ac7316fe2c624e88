import { expect, test } from 'vitest'
import { column, publication, subscription } from '../../test/builders.ts'
import { carriedOf } from './carried.ts'

const users = { schema: 'public', name: 'users' }
const of = (name: string, rowFilter: string | null, columns: readonly string[] | null = null) =>
  publication([], { name, tables: [{ ...users, columns, rowFilter }] })
const both = [subscription(['users'], { publications: ['a', 'b'] })]

test('filters of several publications are ORed, and one without a filter wants all', () => {
  expect(carriedOf([of('a', '(id > 5)'), of('b', '(id < 2)')], both, users)).toEqual({
    columns: null,
    rowFilter: '((id < 2)) or ((id > 5))',
  })
  expect(carriedOf([of('a', '(id > 5)'), of('b', null)], both, users)?.rowFilter).toBe(null)
  expect(carriedOf([of('a', '(id > 5)'), of('other', null)], both, users)?.rowFilter).toBe('((id > 5))')
})

test('a table that no subscribed publication lists is not carried', () => {
  expect(carriedOf([of('other', null)], both, users)).toBe(null)
})

test('columns are those of the list; stored generated ones are named only where the publication sends them', () => {
  expect(carriedOf([of('a', null, ['id', 'name'])], both, users)?.columns).toEqual(['id', 'name'])
  const table = { ...users, columns: [column('id'), column('total', 'integer', { generated: true })] }
  expect(carriedOf([of('a', null)], both, table)?.columns).toBe(null)
  expect(carriedOf([{ ...of('a', null), generatedColumns: true }], both, table)?.columns).toEqual(['id', 'total'])
})
