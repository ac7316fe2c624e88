import { expect, test } from 'vitest'
import { readSettings, writeSettings } from '../settings.ts'
import { settingsKeys } from '../settings-keys.ts'

const file = 'pgbouncer.ini'
const text = `[databases]
auth = host=db1 port=5433 user=app password='it''s'
shop = dbname=shop
* = host=db9 user=any
[pgbouncer]
pool_mode = transaction
default_pool_size = 9
min_pool_size=2
server_tls_sslmode = require
server_connect_timeout = 7
unix_socket_dir = /run/pg
`
const read = (key: string | null, of = text) => readSettings(of, file, key)

test('an entry leads to its server, with the settings of its pool', () => {
  const settings = read('auth')
  expect(settings).toMatchObject({ host: 'db1', port: 5433, database: 'auth', user: 'app', sslMode: 'require' })
  expect(settings.address().password).toBe("it's")
  expect(settings.pool).toMatchObject({ poolMax: 9, poolMin: 2, connectTimeoutMs: 7_000 })
  expect(read('shop', text.replace('dbname=shop', 'user=a dbname=s pool_size=3'))).toMatchObject({
    host: '/run/pg',
    database: 's',
    pool: { poolMax: 3 },
  })
  expect(read('anything')).toMatchObject({ host: 'db9', database: 'anything' })
})

test.each([
  [null, 'names more than one database: auth, shop, *'],
  ['shop', 'pgbouncer.ini:3: shop names no user'],
  ['*', 'pgbouncer.ini:4: * is every database'],
])('%s: %s', (key, words) => {
  expect(() => read(key)).toThrow(words)
})

test('what stands elsewhere is said not to be read', () => {
  expect(() => read('auth', `%include other.ini\n[databases]\nshop=host=a user=b\n`)).toThrow(
    'files that it includes are not read',
  )
  expect(() => read('shop', `[databases]\nshop=host=a user=b\n[pgbouncer]\nauth_file=/x\n`)).toThrow(
    'pgbouncer.ini:2: shop names no password',
  )
})

test('what leads to the servers, and how sessions are shared, are its keys', () => {
  const keys = settingsKeys({ file, text }, new Set(), Buffer.from('k'))
  expect(keys.map(({ key }) => key)).toEqual([
    '*.host',
    '*.user',
    'auth.host',
    'auth.password',
    'auth.port',
    'auth.user',
    'default_pool_size',
    'min_pool_size',
    'pool_mode',
    'server_connect_timeout',
    'server_tls_sslmode',
    'shop.dbname',
    'unix_socket_dir',
  ])
})

test('an entry is written in its own line; TLS is written where it stands', () => {
  const fields = { host: 'h', port: 1, database: 'd', user: 'u v', password: 'x', sslMode: 'disable' as const }
  expect(writeSettings(text, { file, key: 'shop' }, fields)).toBe(
    text.replace('dbname=shop', "dbname=d host=h port=1 user='u v' password=x").replace('= require', '= disable'),
  )
})
