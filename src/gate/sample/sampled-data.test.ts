import { expect, test } from 'vitest'
import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import { Masker } from './mask.ts'
import { insertSample, maskRows } from './sampled-data.ts'

const column = (name: string, type: string, category: string) => ({
  name,
  type,
  kind: 'b',
  category,
  typmod: -1,
  notNull: true,
  hasDefault: false,
  generated: false,
  labels: [],
  fields: 0,
})
const users: FillableTable = {
  schema: 'public',
  name: 'users',
  root: null,
  unlogged: false,
  columns: [column('id', 'int4', 'N'), column('email', 'text', 'S')],
  primaryKey: ['id'],
  unique: ['id'],
  foreignKeys: [],
  checks: [],
}

test('only the masked column is another, and nothing stays nothing', () => {
  const masker = new Masker(() => new Uint8Array([1, 2, 3, 4]))
  const rows = [
    { id: '1', email: 'a@b.ch' },
    { id: '2', email: null },
  ]
  expect(maskRows(users, rows, { masked: new Set(['public.users.email']), masker })).toEqual([
    { id: '1', email: expect.stringMatching(/^[a-z]@[a-z]\.[a-z]{2}$/) },
    { id: '2', email: null },
  ])
})

test('rows become one statement that tries them together, then each alone, whatever text they hold', () => {
  const [sql = '', ...more] = insertSample(new Map([[users, [{ id: '1', email: "it's $antemortem$" }]]]))
  expect(more).toEqual([])
  expect(sql.startsWith('do $antemortem_1$')).toBe(true)
  expect(sql).toContain(`values ('1', 'it''s $antemortem$'); exception when others`)
})

test('a table without rows needs no statement', () => {
  expect(insertSample(new Map([[users, []]]))).toEqual([])
})
