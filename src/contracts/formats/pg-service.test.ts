import { expect, test } from 'vitest'
import { readServiceFile } from '../../engines/postgres/index.ts'
import { readSettings, writeSettings } from '../settings.ts'

const file = 'pg_service.conf'
const text =
  '# a\n[a]\nhost=db1\nuser=u\nhost=db2\npassword= x # y\n\n  [b]\r\nhost = db3 \r\nuser=v\r\n[a]\ndbname=no\n'

test('a service file is read as libpq reads it', () => {
  expect(readServiceFile(text).map(({ service, keyword, value }) => [service, keyword, value])).toEqual([
    ['a', 'host', 'db1'],
    ['a', 'user', 'u'],
    ['a', 'password', ' x # y'],
    ['b', 'host', 'db3'],
    ['b', 'user', 'v'],
  ])
})

test('a service is a connection', () => {
  expect(readSettings(text, file, 'b')).toMatchObject({ host: 'db3', user: 'v', database: 'v' })
  expect(readSettings(text, file, 'a').address().password).toBe(' x # y')
})

test.each([
  [null, 'names more than one service: a, b'],
  ['c', 'has no service c'],
])('%s: %s', (key, words) => {
  expect(() => readSettings(text, file, key)).toThrow(words)
})

test('a value that has no spelling there is refused without it', () => {
  const fields = { host: 'h', port: 1, database: 'd', user: 'u', password: 'geheim ', sslMode: null }
  expect(() => writeSettings(text, { file, key: 'a' }, fields)).toThrow(
    'pg_service.conf:6: a service file has no quotes',
  )
  expect(() => readSettings('[a]\nservice=b\n', file)).toThrow('pg_service.conf:2: service a names another service')
})
