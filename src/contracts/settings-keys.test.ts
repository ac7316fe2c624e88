import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { settingsKeys } from './settings-keys.ts'

const key = randomBytes(32)
const keysOf = (text: string, named: readonly string[] = []) =>
  settingsKeys({ file: '.env', text }, new Set(named), key)

test('only what belongs to a database connection is kept of a settings file', () => {
  const text =
    'DB_HOST=db1\nDB_PORT=5432\nSTRIPE_API_KEY=sk_live_1\nPGSSLMODE=require\nREPORTS=postgres://a@h/d\nNODE_ENV=x\n'
  expect(keysOf(text).map(({ key: name, value }) => [name, value])).toEqual([
    ['DB_HOST', 'db1'],
    ['DB_PORT', '5432'],
    ['PGSSLMODE', 'require'],
    ['REPORTS', 'postgres://a@h/d'],
  ])
})

test('keys that the contract names are kept, with those of their prefix', () => {
  expect(keysOf('LOGIN_HOST=db1\nLOGIN_COLOUR=red\nOTHER_HOST=x\n', ['LOGIN']).map(({ key: name }) => name)).toEqual([
    'LOGIN_HOST',
  ])
})

test('a secret is never shown, and another one is seen to be another', () => {
  const [before] = keysOf('DB_PASSWORD=hunter2\n')
  const [after] = keysOf('DB_PASSWORD=hunter3\n')
  expect(before).toMatchObject({ isSecret: true })
  expect(before?.value).not.toContain('hunter2')
  expect(after?.value).not.toBe(before?.value)
  expect(keysOf('DB_PASSWORD=hunter2\n')[0]).toEqual(before)
})

test('a password within a URL is hidden, and another one there is seen to be another', () => {
  const [before] = keysOf('DATABASE_URL=postgres://app:hunter2@db1/auth\n')
  const [after] = keysOf('DATABASE_URL=postgres://app:hunter3@db1/auth\n')
  expect(before?.value).toMatch(/^postgres:\/\/app:\*\*\*@db1\/auth #[0-9a-f]{12}$/)
  expect(after?.value).not.toBe(before?.value)
})
