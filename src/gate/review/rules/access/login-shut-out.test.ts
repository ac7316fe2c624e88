import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './login-shut-out.ts'

const logins = [
  { who: 'contract login', role: 'app', database: 'auth', address: '10.0.0.7', tls: false, node: 'primary' },
]

test.each([
  [
    `host auth reader 10.0.0.0/8 md5
`,
    { cluster: {}, logins, file: 'pg_hba.conf' },
    ['error primary:pg_hba.conf @ primary'],
  ],
  [
    `host all app all reject
host all all all md5
`,
    { cluster: {}, logins, file: 'pg_hba.conf' },
    ['error primary:pg_hba.conf @ primary'],
  ],
  [
    `hostssl all all all md5
`,
    { cluster: {}, logins, file: 'pg_hba.conf' },
    ['error primary:pg_hba.conf @ primary'],
  ],
  [
    `host all all all md5
`,
    { file: 'pg_hba.conf' },
    ['warning primary:pg_hba.conf @ primary'],
  ],
])('%j: a login that no rule lets in is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `host auth app 10.0.0.0/8 scram-sha-256
host all all all reject
`,
    { cluster: {}, logins, file: 'pg_hba.conf' },
    [],
  ],
  [
    `host all all all md5
host replication all all md5
`,
    { file: 'pg_hba.conf' },
    [],
  ],
])('%j: one that the first matching line lets in is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
