import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { FillableColumn } from '../../engines/postgres/ddl/fillable.ts'
import { Masker } from './mask.ts'

const keyed =
  (key: string) =>
  (text: string): Uint8Array =>
    createHmac('sha256', key).update(text).digest()

const column = (type: string, more: Partial<FillableColumn> = {}): FillableColumn => ({
  name: 'c',
  type,
  kind: 'b',
  category: type === 'text' || type === 'varchar' ? 'S' : 'N',
  typmod: -1,
  notNull: false,
  hasDefault: false,
  generated: false,
  labels: [],
  fields: 0,
  ...more,
})

test.each([
  ['text', 'Jane.Doe@example.com', /^[A-Z][a-z]{3}\.[A-Z][a-z]{2}@[a-z]{7}\.[a-z]{3}$/],
  ['varchar', 'Zoë 1', /^[A-Z][a-z][à-ö] \d$/],
  ['int4', '2147483646', /^1\d{9}$/],
  ['int8', '-42', /^-[1-9]\d$/],
  ['numeric', '1234.50', /^[1-9]\d{3}\.\d\d$/],
  ['date', '1987-12-31', /^1987-\d\d-\d\d$/],
  ['timestamptz', '2026-01-02 03:04:05.678+00', /^2026-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\+00$/],
  ['timestamptz', 'infinity', /^infinity$/],
  ['uuid', '0e37df36-f698-11e6-8dd4-cb9ced3df976', /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/],
  ['bytea', '\\x00ff', /^\\x[\da-f]{4}$/],
  ['inet', '192.168.1.1', /^10\.\d+\.\d+\.\d+$/],
  ['bool', 'true', /^(?:true|false)$/],
  ['jsonb', '{"mail": "a@b.ch", "n": [12, true, null]}', /^\{"mail":"[a-z]@[a-z]\.[a-z]{2}","n":\[\d+,true,null\]\}$/],
])('%s %j keeps its type and its length', (type, value, shape) => {
  const masked = new Masker(keyed('k')).mask(column(type), value)
  expect(masked).toMatch(shape)
})

test('the same value becomes the same in every column, so that rows find each other, and with another key another', () => {
  const masker = new Masker(keyed('k'))
  expect(masker.mask(column('text'), 'jane@example.com')).toBe(masker.mask(column('varchar'), 'jane@example.com'))
  expect(masker.mask(column('int4'), '123456')).toBe(masker.mask(column('int8'), '123456'))
  expect(new Masker(keyed('k')).mask(column('text'), 'jane@example.com')).not.toBe(
    new Masker(keyed('other')).mask(column('text'), 'jane@example.com'),
  )
})

test('two values never become one while there are others', () => {
  const masker = new Masker(keyed('k'))
  const masked = Array.from({ length: 90 }, (_, n) => masker.mask(column('text'), String(10 + n)))
  expect(new Set(masked).size).toBe(90)
})

test('a type without a stand-in is told', () => {
  expect(new Masker(keyed('k')).mask(column('int4range', { kind: 'r', category: 'R' }), '[1,2)')).toBeNull()
})
