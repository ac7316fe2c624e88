import { expect, test } from 'vitest'
import { settingsFile, t0 } from '../../test/builders.ts'
import { settingsFileChanges } from './settings-files.ts'

const told = (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) =>
  settingsFileChanges(settingsFile('app1', before), settingsFile('app1', after, { atMs: t0 + 1000 })).map(
    ({ kind, object, before: was, after: is }) => [kind, object, was, is],
  )

test('a key that changed, came or went is a change of the connection, under the name of its file', () => {
  expect(told({ DB_PORT: '5432', DB_NAME: 'auth' }, { DB_PORT: '5999', DB_SSLMODE: 'require' })).toEqual([
    ['connection', '/srv/app1.env#DB_NAME', 'auth', null],
    ['connection', '/srv/app1.env#DB_PORT', '5432', '5999'],
    ['connection', '/srv/app1.env#DB_SSLMODE', null, 'require'],
  ])
})

test('a secret is only said to have changed', () => {
  expect(told({ DB_PASSWORD: '#0123456789ab' }, { DB_PASSWORD: '#ba9876543210' })).toEqual([
    ['connection', '/srv/app1.env#DB_PASSWORD', 'a secret', 'a secret'],
  ])
  const url = 'postgres://app:***@db1/auth'
  expect(told({ DATABASE_URL: `${url} #0123456789ab` }, { DATABASE_URL: `${url} #ba9876543210` })).toEqual([
    ['connection', '/srv/app1.env#DATABASE_URL', `${url}, with another password`, `${url}, with another password`],
  ])
})

test('a file that says the same is no change', () => {
  expect(told({ DB_PORT: '5432' }, { DB_PORT: '5432' })).toEqual([])
})

test('it happened after the file was last read', () => {
  const [change] = settingsFileChanges(
    settingsFile('app1', { DB_PORT: '1' }),
    settingsFile('app1', { DB_PORT: '2' }, { atMs: t0 + 1000 }),
  )
  expect(change).toMatchObject({ notBeforeMs: t0, atMs: t0 + 1000, source: 'file' })
})
