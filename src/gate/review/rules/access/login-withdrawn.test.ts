import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './login-withdrawn.ts'

const logins = [
  { who: 'contract login', role: 'app', database: 'auth', address: '10.0.0.7', tls: false, node: 'primary' },
]

test.each([
  ['alter role app nologin', { cluster: {}, logins }, ['error primary:role app @ primary']],
  [`alter role app valid until '2020-01-01'`, {}, ['warning primary:role app @ primary']],
  ['drop role app', {}, ['warning primary:role app @ primary']],
  ['revoke connect on database auth from public', {}, ['error primary:database auth @ primary']],
  ['alter database auth allow_connections false', {}, ['error primary:database auth @ primary']],
])('%j: a login or database that is shut is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [`alter role app valid until '2090-01-01'`, {}, []],
  ['alter role app login', {}, []],
  ['grant connect on database auth to app', {}, []],
])('%j: a login that stays is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test('a role of another name, and one that may no longer replicate, are told', async () => {
  expect(await reviewed(rule, 'alter role app rename to web', { cluster: {}, logins })).toEqual([
    'error primary:role app @ primary',
  ])
  expect(await reviewed(rule, 'alter role replicator noreplication')).toEqual([
    'warning primary:role replicator @ primary',
  ])
})
