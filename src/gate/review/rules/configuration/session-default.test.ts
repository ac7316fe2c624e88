import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './session-default.ts'

test.each([
  [
    'alter system set default_transaction_read_only = on',
    {},
    ['error primary:default_transaction_read_only @ primary'],
  ],
  [`alter role app set statement_timeout = '1ms'`, {}, ['error primary:role app statement_timeout @ primary']],
  [`alter role app set search_path = 'elsewhere'`, { cluster: {} }, ['error primary:role app search_path @ primary']],
  [
    `alter database auth set idle_session_timeout = '300ms'`,
    {},
    ['error primary:database auth idle_session_timeout @ primary'],
  ],
])('%j: what cripples new sessions is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [`alter role app set statement_timeout = '30s'`, {}, []],
  ['alter role app set search_path = app, public', { cluster: {} }, []],
  ['alter system set default_transaction_read_only = off', {}, []],
  ['alter system set statement_timeout = 0', {}, []],
])('%j: sensible values are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
