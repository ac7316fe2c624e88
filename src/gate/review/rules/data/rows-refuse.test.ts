import { expect, test } from 'vitest'
import type { ProbeResult, ReviewInput } from '../../input.ts'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './rows-refuse.ts'

type Rows = number | null

const answered =
  (rows: Rows) =>
  ({ statements }: ReviewInput): readonly ProbeResult[] =>
    statements.map((statement) => ({
      statement,
      node: 'primary',
      table: 'public.users',
      rows,
      most: 1000,
      what: 'password_hash is null',
      look: 'select 1',
      detail: rows === null ? 'too slow' : null,
    }))

test.each([
  [
    'alter table users alter column password_hash set not null',
    { cluster: {}, probes: answered(3) },
    ['error primary:public.users @ primary'],
  ],
  [
    'alter table users alter column password_hash set not null',
    { cluster: {}, probes: answered(null) },
    ['info primary:public.users @ primary'],
  ],
])('%j: rows that refuse a statement are told with their number', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([['alter table users alter column password_hash set not null', { cluster: {}, probes: answered(0) }, []]])(
  '%j: without such rows it is well',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test('by the text alone a column that needs a value is told, unless the change has made its table', async () => {
  const text = 'alter table users add column level int not null'
  expect(await reviewed(rule, text)).toEqual(['warning primary:public.users @ primary'])
  expect(await reviewed(rule, `create table users (id int);\n${text}`)).toEqual([])
  expect(await reviewed(rule, `${text} default 0`)).toEqual([])
  expect(await reviewed(rule, 'alter table users add column n bigserial not null')).toEqual([])
})
