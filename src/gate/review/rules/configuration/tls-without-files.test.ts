import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './tls-without-files.ts'

test.each([
  [
    `ssl = on
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { ssl: 'off' } } } },
    ['error primary:ssl @ primary'],
  ],
  [
    `ssl = on
`,
    { file: 'postgresql.conf' },
    ['warning primary:ssl @ primary'],
  ],
])('%j: TLS without a certificate is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `ssl = on
`,
    { file: 'postgresql.conf', cluster: { primary: { settings: { ssl: 'on' } } } },
    [],
  ],
  [
    `ssl = on
ssl_cert_file = 'a.crt'
`,
    { file: 'postgresql.conf' },
    [],
  ],
])('%j: TLS that is on already is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
