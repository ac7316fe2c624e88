import { expect, test } from 'vitest'
import { transaction } from '../../test/builders.ts'
import { isClient, isDump } from './long-by-design.ts'

test('a dump is told by the name under which it connects', () => {
  expect(isDump(transaction(1, { application: 'pg_dump' }))).toBe(true)
  expect(isDump(transaction(1, { application: 'pg_dumper of accounts' }))).toBe(false)
})

test('walsenders, autovacuum and apply workers are no clients', () => {
  for (const backendType of ['walsender', 'autovacuum worker', 'logical replication apply worker'])
    expect(isClient(transaction(1, { backendType }))).toBe(false)
  expect(isClient(transaction(1))).toBe(true)
})
