import { expect, test } from 'vitest'
import { column, findingsOf, publication, snapshot, table } from '../../../test/builders.ts'
import check from './schema-parity.ts'

const columns = [column('id', 'integer', { notNull: true }), column('password_hash')]
const parity = (there: typeof columns, here: typeof columns) =>
  snapshot({
    primary: { tables: [table('users', { columns: there })] },
    subscriber: { tables: [table('users', { columns: here })] },
  })

test('a column that only the publisher has is found', () => {
  expect(findingsOf(check, parity([...columns, column('algo')], columns))).toMatchObject([
    { subject: 'subscriber:public.users', message: expect.stringContaining('column algo is missing') },
  ])
})

test('another type is found', () => {
  expect(findingsOf(check, parity(columns, [column('id', 'smallint'), column('password_hash')]))).toMatchObject([
    { message: expect.stringContaining('smallint, not integer') },
  ])
})

test('a type that holds every value is a warning: apply goes on', () => {
  const wider = [column('id', 'bigint', { notNull: true }), column('password_hash')]
  expect(findingsOf(check, parity(columns, wider))).toMatchObject([{ severity: 'warning' }])
  expect(findingsOf(check, parity([...columns, column('algo')], wider))).toMatchObject([{ severity: 'error' }])
})

test('a required column of the subscriber’s own stops apply', () => {
  const tenant = column('tenant', 'integer', { notNull: true })
  expect(findingsOf(check, parity(columns, [...columns, tenant]))).toMatchObject([{ severity: 'error' }])
})

test.each([
  ['equal columns in another order', columns, columns.toReversed()],
  ['a nullable column of the subscriber’s own', columns, [...columns, column('note')]],
  ['a column that the publisher computes', [...columns, column('upper', 'text', { generated: true })], columns],
])('%s: no finding', (_, there, here) => {
  expect(findingsOf(check, parity(there, here))).toEqual([])
})

test('a table that is not published may differ', () => {
  const cluster = snapshot({
    primary: { tables: [table('users', { columns: [column('x')] })], publications: [publication([])] },
  })
  expect(findingsOf(check, cluster)).toEqual([])
})
