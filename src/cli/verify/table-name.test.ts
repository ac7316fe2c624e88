import { expect, test } from 'vitest'
import { tableNameOf } from './table-name.ts'

test.each([
  ['public.users', 'public', 'users'],
  ['"My schema"."a.b"', 'My schema', 'a.b'],
  ['public."say ""x"""', 'public', 'say "x"'],
])('%s', (text, schema, table) => {
  expect(tableNameOf(text)).toEqual({ schema, table })
})
