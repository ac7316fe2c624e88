import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './server-moves.ts'

test.each([
  [
    `port = 6543
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { port: '5432' } } } },
    ['error primary:port @ primary'],
  ],
  [
    `port = 6543
`,
    { file: 'postgresql.conf' },
    ['warning primary:port @ primary'],
  ],
  [
    `listen_addresses = '10.9.9.9'
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { listen_addresses: '*' } } } },
    ['error primary:listen_addresses @ primary'],
  ],
])('%j: another port or address is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `port = 5432
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { port: '5432' } } } },
    [],
  ],
  [
    `listen_addresses = '*'
`,
    { file: 'postgresql.conf' },
    [],
  ],
  [
    `listen_addresses = 'localhost, db1'
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { listen_addresses: '*' } } } },
    [],
  ],
])('%j: the same port, and everywhere, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
