import { expect, test } from 'vitest'
import { readSettings, writeSettings } from '../settings.ts'
import { settingsKeys } from '../settings-keys.ts'

const file = 'config/database.yml'
const read = (text: string, key: string | null = null) => readSettings(text, file, key)

test('an environment, the first of its databases, and a named one', () => {
  const text = `production:
  primary: { adapter: postgresql, host: db1, database: shop, username: app, pool: 7, schema_search_path: "shop, public" }
  replica: { adapter: postgresql, host: db2, database: shop, username: reader, connect_timeout: 3 }
staging:
  url: postgresql://app@stage/shop
`
  expect(read(text)).toMatchObject({ host: 'db1', user: 'app', pool: { poolMax: 7 } })
  expect(read(text).address().options).toBe('-c search_path=shop,public')
  expect(read(text, 'production.replica')).toMatchObject({ host: 'db2', pool: { connectTimeoutMs: 3_000 } })
  expect(read(text, 'staging')).toMatchObject({ host: 'stage' })
})

test.each([
  ['production:\n  adapter: mysql2\n  host: h\n', null, ':2: production.adapter is another database'],
  ['production:\n  host: h\n  username: <%= ENV["U"] %>\n', null, ':3: production.username is made by ERB'],
  ['<% if x %>\nproduction:\n  host: h\n<% end %>\n', null, ':1: ERB decides'],
  ['a: { host: h }\nb: { host: h }\n', null, 'has no production, and more than one environment: a, b'],
  ['production: { host: h, username: u }\n', 'other', 'has no other'],
  ['production:\n  host: h\n   port: 1\n', null, ':2: is no YAML here'],
  ['production: { pool: 3 }\n', null, 'production names no database'],
  ['- a\n', null, 'is no mapping'],
])('%j is refused with its place', (text, key, words) => {
  expect(() => read(text, key)).toThrow(words)
})

test('comments of ERB say nothing, and its escape is no ERB', () => {
  const text = "<%# a note: of somebody %>\nproduction:\n  host: h\n  username: u\n  password: 'a<%%b'\n"
  expect(read(text).address().password).toBe('a<%b')
})

test('what an environment takes in wins over what stands before it, as in Ruby', () => {
  const text = 'd: &d { host: db1, username: u }\nproduction: { host: db2, <<: *d, port: 7 }\n'
  expect(read(text)).toMatchObject({ host: 'db1', port: 7 })
  const fields = { host: 'db3', port: 7, database: 'u', user: 'u', password: null, sslMode: null }
  const written = writeSettings(text, { file, key: null }, fields)
  expect(read(written)).toMatchObject({ host: 'db3', database: 'u' })
  expect(written).toContain('d: &d { host: db1, username: u }')
})

test('what is shared with other environments stays as it is for them', () => {
  const text = 'default: &d\n  host: db1\n  username: u\n  database: x\nproduction: *d\ntest:\n  <<: *d\n'
  const fields = { host: 'db3', port: 5432, database: 'x', user: 'u', password: null, sslMode: null }
  expect(writeSettings(text, { file, key: 'test' }, fields)).toBe(`${text}  host: db3\n`)
  expect(() => writeSettings(text, { file, key: 'production' }, fields)).toThrow("another's mapping")
})

test('every environment has its keys, with secrets as digests', () => {
  const text = 'production:\n  password: geheim\n  host: h\ntest:\n  url: postgres://a:geheim@h/d\n'
  const keys = settingsKeys({ file, text }, new Set(), Buffer.from('k'))
  expect(keys.map(({ key }) => key)).toEqual(['production.host', 'production.password', 'test.url'])
  expect(JSON.stringify(keys)).not.toContain('geheim')
})
