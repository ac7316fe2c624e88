import { expect, test } from 'vitest'
import { readSettings, writeSettings } from '../settings.ts'
import { npgsqlWords } from './npgsql.ts'

const file = 'appsettings.json'
const withString = (text: string): string => JSON.stringify({ ConnectionStrings: { Default: text } })
const read = (text: string, key: string | null = null) => readSettings(text, file, key)

test("Npgsql's words are read, whatever their case and spaces", () => {
  const text =
    'SERVER=db1; Port = 5433;DB=shop;user id=app;PWD="a;""b";SslMode=VerifyCA;MaxPoolSize=9;Timeout=3;Command Timeout=4;Search Path=a, b'
  const settings = read(withString(text))
  expect(settings).toMatchObject({ host: 'db1', port: 5433, database: 'shop', user: 'app', sslMode: 'verify-ca' })
  expect(settings.pool).toEqual({ poolMax: 9, poolMin: null, connectTimeoutMs: 3_000, queryTimeoutMs: 4_000 })
  expect(settings.address()).toMatchObject({ password: 'a;"b', options: '-c search_path=a,b' })
})

test('several hosts have their ports behind them', () => {
  expect(read(withString('Host=a:1,b;Port=7;Username=u;Target Session Attributes=Primary')).address()).toMatchObject({
    host: 'a',
    port: 1,
    others: [{ host: 'b', port: 7 }],
    targetSession: 'primary',
  })
})

test('a path that is no ConnectionStrings, a bare name and a URL are keys as well', () => {
  const text = '{"Db": {"Main": "Host=h;Username=u"}, "ConnectionStrings": {"Url": "postgres://u@h2/d"}}'
  expect(read(text, 'db:main')).toMatchObject({ host: 'h' })
  expect(read(text, 'Url')).toMatchObject({ host: 'h2' })
  expect(read(text)).toMatchObject({ host: 'h2' })
})

test.each([
  [
    '{"ConnectionStrings": {"A": "Host=h", "B": "Host=h"}}',
    null,
    'more than one connection string: ConnectionStrings:A, ConnectionStrings:B',
  ],
  ['{"ConnectionStrings": {"A": "Host=h"}}', 'ConnectionStrings:B', 'has no connection string ConnectionStrings:B'],
  ['{"ConnectionStrings": {"A": ""}}', null, ':1: ConnectionStrings:A is empty'],
  [
    '{\n"ConnectionStrings": {"A": "Data Source=x;Initial Catalog=y"}}',
    null,
    ":2: ConnectionStrings:A is another database's",
  ],
  ['{"ConnectionStrings": {"A": "Host=h"}}', null, 'name no user'],
  ['{"a": [1, 2,, 3]}', null, ':1: is no JSON here'],
  ['{\n"a": "b\n"}', null, ':2: is no JSON here'],
])('%j is refused with its place', (text, key, words) => {
  expect(() => read(text, key)).toThrow(words)
})

test('only the value that changes is spelt anew', () => {
  const text = `{\n  "ConnectionStrings": { "A": "Host=db1;Username=a\\u0026b;Password=x" }, // c\n}`
  const fields = { host: 'db2', port: 5432, database: 'a&b', user: 'a&b', password: 'x', sslMode: null }
  expect(writeSettings(text, { file, key: null }, fields)).toBe(
    text.replace('db1', 'db2').replace('=x"', '=x;Database=a&b"'),
  )
})

test('words of a connection string', () => {
  expect(npgsqlWords(`;; a = ' x;''y' ;b==c=1;d=;`).map(({ keyword, value }) => [keyword, value])).toEqual([
    ['a', " x;'y"],
    ['b=c', '1'],
    ['d', ''],
  ])
})
