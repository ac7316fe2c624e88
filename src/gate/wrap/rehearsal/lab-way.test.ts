import { expect, test } from 'vitest'
import { readSettings } from '../../../contracts/settings.ts'
import { labUrl, partOf } from './lab-way.ts'
import { ledToLab } from './settings-copy.ts'
import { readSubstitutions } from './substitutions.ts'

const way = { node: 'primary', port: 20_001, database: 'auth', user: 'app', password: 'p@ss/1' }
const address = '127.0.0.1:20001/auth'

test.each([
  [null, `postgresql://app:p%40ss%2F1@${address}?sslmode=disable`],
  ['postgres://shop:geheim@db1:5432/shop', `postgres://app:p%40ss%2F1@${address}?sslmode=disable`],
  [
    'postgresql+asyncpg://shop@db1/shop?sslmode=verify-full&application_name=web&sslrootcert=/ca.pem',
    `postgresql+asyncpg://app:p%40ss%2F1@${address}?application_name=web&sslmode=disable`,
  ],
  [
    'jdbc:postgresql://db1,db2/shop?user=shop&password=geheim&ssl=true&currentSchema=shop',
    `jdbc:postgresql://${address}?user=app&password=p%40ss%2F1&currentSchema=shop&sslmode=disable`,
  ],
  ['not a url', `postgresql://app:p%40ss%2F1@${address}?sslmode=disable`],
])('%s is led to the copy in its own dialect', (old, expected) => {
  expect(labUrl(way, old)).toBe(expected)
  expect(partOf(way, 'port', old)).toBe('20001')
})

test.each([
  'DATABASE_URL="postgres://shop:geheim@db1/shop?connect_timeout=3"\nSTYLE="dark # blue"\r\n',
  'export DATABASE_URL=postgres://shop:geheim@db1/shop\nDATABASE_URL=postgres://shop:geheim@db2/shop',
  'DB_HOST=db1\nDB_NAME=shop\nDB_USER=shop\nDB_PASSWORD="ge heim"\n# DB_PORT=5432\n',
  'PGHOST=db1\nPGUSER=shop\nPGDATABASE=shop\nPGPASSWORD=x\nPGHOSTADDR=10.0.0.1\n',
])('a settings file is led to the copy, and keeps its other lines: %j', (text) => {
  const led = ledToLab(text, { file: '.env', key: null }, way)
  const { host, port, database, user } = readSettings(led, '.env')
  expect({ host, port, database, user }).toEqual({ host: '127.0.0.1', port: 20_001, database: 'auth', user: 'app' })
  expect(led).not.toContain('heim')
  expect(led.includes('STYLE="dark # blue"\r\n')).toBe(text.includes('STYLE'))
})

test.each([
  ['config/database.yml', 'production:\n  host: db1 # STYLE\n  username: shop\n  password: geheim\n'],
  [
    'appsettings.json',
    '{"ConnectionStrings": {"A": "Host=db1;Username=shop;Password=geheim;SSL Mode=VerifyFull"}} // STYLE\n',
  ],
  ['application.properties', 'a.url=jdbc:postgresql://db1/shop?user=shop&password=geheim&ssl=true\n# STYLE\n'],
  ['pg_service.conf', '# STYLE\n[shop]\nhost=db1\nhostaddr=10.0.0.1\nuser=shop\npassword=geheim\n'],
  [
    'pgbouncer.ini',
    '; STYLE\n[databases]\nshop = host=db1 user=shop password=geheim\n[pgbouncer]\nserver_tls_sslmode=require\n',
  ],
])('%s is led to the copy', (file, text) => {
  const led = ledToLab(text, { file, key: null }, way)
  const { host, port, database, user, sslMode } = readSettings(led, file)
  expect({ host, port, database, user }).toEqual({ host: '127.0.0.1', port: 20_001, database: 'auth', user: 'app' })
  expect(['disable', 'prefer']).toContain(sslMode)
  expect(led).not.toContain('geheim')
  expect(led).toContain('STYLE')
})

test('variables are named with the node that they lead to, or with a part of its address', () => {
  const nodes = ['primary', 'db1.example']
  expect(readSubstitutions(['A', 'B=postgres', 'C=primary', 'D=db1.example.port', 'E=db1.example'], nodes)).toEqual([
    { variable: 'A', node: null, part: 'url' },
    { variable: 'B', node: null, part: 'url' },
    { variable: 'C', node: 'primary', part: 'url' },
    { variable: 'D', node: 'db1.example', part: 'port' },
    { variable: 'E', node: 'db1.example', part: 'url' },
  ])
  for (const wrong of ['1A', 'A=', 'A=nowhere', 'A=primary.color', 'A=postgres://u:secret@h/d'])
    expect(() => readSubstitutions([wrong], nodes)).toThrow(/--rehearse-with/)
  expect(() => readSubstitutions(['A=postgres://u:secret@h/d'], nodes)).not.toThrow(/secret/)
})
