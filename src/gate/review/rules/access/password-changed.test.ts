import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './password-changed.ts'

const logins = [
  { who: 'contract login', role: 'app', database: 'auth', address: '10.0.0.7', tls: false, node: 'primary' },
]

test.each([
  [`alter role app password 'x'`, { cluster: {}, logins }, ['error primary:role app @ primary']],
  [`alter user app with password 'x'`, {}, ['warning primary:role app @ primary']],
])('%j: another password is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [`create role worker login password 'x'`, {}, []],
  ['alter role app createdb', {}, []],
])("%j: a new role is nobody's login yet", async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
