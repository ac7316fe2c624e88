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
