import { expect, test } from 'vitest'
import { login, rehearsal } from '../../testing/rehearsal.ts'
import rule from './session-defaults.ts'

const run = (name: string, was: string, is: string, mustWrite = true) => [
  ...rule.run(
    rehearsal({
      logins: { before: [login({ mustWrite })], after: [login({ mustWrite })] },
      was: { primary: { settings: { [name]: was } } },
      is: { primary: { settings: { [name]: is } } },
    }),
  ),
]

test.each([
  ['default_transaction_read_only', 'off', 'on', 'error'],
  ['statement_timeout', '0', '1', 'error'],
  ['idle_session_timeout', '0', '300', 'error'],
  ['search_path', 'public', 'elsewhere', 'warning'],
])('%s from %s to %s is found', (name, was, is, severity) => {
  expect(run(name, was, is)).toMatchObject([{ object: `primary:${name}`, severity }])
})

test.each([
  ['statement_timeout', '0', '30000'],
  ['statement_timeout', '500', '900'],
  ['idle_session_timeout', '0', '600000'],
])('%s from %s to %s is no harm', (name, was, is) => {
  expect(run(name, was, is)).toEqual([])
})

test('read-only by default is no harm to a contract that only reads', () => {
  expect(run('default_transaction_read_only', 'off', 'on', false)).toEqual([])
})
