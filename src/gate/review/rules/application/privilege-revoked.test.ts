import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './privilege-revoked.ts'

const logins = [
  { who: 'contract login', role: 'app', database: 'auth', address: '10.0.0.7', tls: false, node: 'primary' },
]

test.each([
  ['revoke select on users from app', { cluster: {}, logins }, ['error primary:public.users @ primary']],
  ['revoke select on users from app', {}, ['warning primary:public.users @ primary']],
])('%j: a privilege of a contract is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['revoke select on users from reader', { cluster: {}, logins }, []],
  ['grant select on users to app', {}, []],
])('%j: what nobody logs in with, and a grant, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test('a whole schema is told, too', async () => {
  expect(await reviewed(rule, 'revoke usage on schema public from app', { cluster: {}, logins })).toEqual([
    'error primary:schema public @ primary',
  ])
})
