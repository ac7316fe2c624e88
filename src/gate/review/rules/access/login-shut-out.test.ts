import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './login-shut-out.ts'

/** Nobody streams from it. */
const alone = { primary: { senders: [] } }
const logins = [
  { who: 'contract login', role: 'app', database: 'auth', address: '10.0.0.7', tls: false, node: 'primary' },
]

test.each([
  [
    `host auth reader 10.0.0.0/8 md5
`,
    { cluster: alone, logins, file: 'pg_hba.conf' },
    ['error primary:pg_hba.conf @ primary'],
  ],
  [
    `host all app all reject
host all all all md5
`,
    { cluster: alone, logins, file: 'pg_hba.conf' },
    ['error primary:pg_hba.conf @ primary'],
  ],
  [
    `hostssl all all all md5
`,
    { cluster: alone, logins, file: 'pg_hba.conf' },
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
    { cluster: alone, logins, file: 'pg_hba.conf' },
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

test('where the role of a consumer is not known, a file without any rule for replication is told', async () => {
  const text = 'host all all all scram-sha-256\n'
  expect(await reviewed(rule, text, { cluster: {}, file: 'pg_hba.conf' })).toEqual([
    'warning primary:pg_hba.conf @ primary',
  ])
  expect(await reviewed(rule, text, { cluster: alone, file: 'pg_hba.conf' })).toEqual([])
})

test('whoever may be let in by a file that is not known here is not told to be shut out', async () => {
  const text = 'include more.conf\nhost all all all reject\n'
  expect(await reviewed(rule, text, { cluster: alone, logins, file: 'pg_hba.conf' })).toEqual([])
  const late = 'host all all all reject\ninclude more.conf\n'
  expect(await reviewed(rule, late, { cluster: alone, logins, file: 'pg_hba.conf' })).toEqual([
    'error primary:pg_hba.conf @ primary',
  ])
})
