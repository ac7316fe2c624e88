import { expect, test } from 'vitest'
import { differs, goodOf, hiddenFromReader } from './known-good.ts'

test('while nothing is known good, nothing is known good of a node', () => {
  expect(goodOf(undefined, 'primary')).toBeUndefined()
})

test('two masks are never told apart: they may come from two processes', () => {
  expect(differs('*** (#11111111)', '*** (#22222222)')).toBe(false)
  expect(differs('', '*** (#22222222)')).toBe(true)
  expect(differs('4096', '8192')).toBe(true)
})

test('what is set for every role or for the reading role hides the server’s own value from it', () => {
  const row = (role: string | null, name: string) => ({ role, database: null, name, value: '1' })
  const hidden = hiddenFromReader({
    roleSettings: [row('antemortem', 'lock_timeout'), row(null, 'TimeZone'), row('app', 'search_path')],
    privileges: { role: 'antemortem', superuser: false, monitor: true, readAllData: false, writes: false },
  })
  expect([...hidden]).toEqual(['lock_timeout', 'TimeZone'])
})
