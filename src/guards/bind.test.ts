import { expect, test } from 'vitest'
import type { Stage } from '../core/outage.ts'
import { givenUp, stagesOf } from './bind.ts'
import { outageId } from './source.ts'
import { check } from './testing/outage.ts'

test.each<[string, readonly Stage[]]>([
  ['gate:replication/table-not-carried', ['prevent']],
  [check, ['detect']],
  ['verify', ['detect']],
  ['contract', ['detect']],
  ['drill:0', ['diagnose', 'recover']],
  ['docs:runbook.md', []],
  ['constructor', []],
])('%s covers %j', (guard, covered) => {
  expect(stagesOf(guard)).toEqual(covered)
  expect(givenUp(guard)).toBeNull()
})

test.each([
  ['docs/postmortems/0-auth-schema-update.md', '0'],
  ['0a-other.md', '0a'],
  ['2024-03-05-auth.md', '2024-03-05-auth'],
  ['C:\\docs\\12-x.md', '12'],
])('%s is outage %s', (file, id) => {
  expect(outageId(file)).toBe(id)
})
