import { expect, test } from 'vitest'
import { readSettings, writeSettings } from '../settings.ts'
import { readProperties } from './properties-file.ts'

const file = 'application.properties'
const read = (text: string, key: string | null = null) => readSettings(text, file, key)

test('properties are read as Java reads them', () => {
  const text = '# a\n! b\na=1\r\nb : 2 \nc\\ d   3\\\n   4\ne\n  f=\\u00e9\\t\\\\\\q\n'
  expect(readProperties(text).map(({ key, value, line }) => [key, value, line])).toEqual([
    ['a', '1', 3],
    ['b', '2 ', 4],
    ['c d', '34', 5],
    ['e', '', 7],
    ['f', 'é\t\\q', 8],
  ])
})

test('the login stands beside the URL, or in it', () => {
  const spring =
    'spring.datasource.url=jdbc:postgresql://${h}:5433/shop\nspring.datasource.username=app\nspring.datasource.password=x\nh=db1\nspring.datasource.hikari.maximum-pool-size=7\nspring.datasource.hikari.connection-timeout=2500\nother.url=jdbc:mysql://x/y\n'
  expect(read(spring)).toMatchObject({
    host: 'db1',
    port: 5433,
    user: 'app',
    pool: { poolMax: 7, connectTimeoutMs: 2_500 },
  })
  const quarkus = 'quarkus.datasource.username=app\nquarkus.datasource.jdbc.url=jdbc:postgresql:shop\n'
  expect(read(quarkus)).toMatchObject({ host: 'localhost', database: 'shop', user: 'app' })
  expect(read('jdbc.url=jdbc:postgresql://a,b:2/d?user=u&password=p%20w&ssl=true').address()).toMatchObject({
    host: 'a',
    others: [{ host: 'b', port: 2 }],
    password: 'p w',
    sslMode: 'require',
  })
})

test.each([
  ['a=b\n', null, 'names no JDBC URL'],
  ['a.url=jdbc:postgresql://h/d\nb.url=jdbc:postgresql://h/d\n', null, 'names more than one JDBC URL: a.url, b.url'],
  ['a.url=jdbc:mysql://h/d\n', null, 'a.url is no PostgreSQL URL'],
  ['a.url=jdbc:postgresql://${DB_HOST:x}/d\na.user=u', null, ':1: a.url comes from elsewhere'],
  ['a.url=jdbc:postgresql://h/d\na.user=u\na.password=ENC(abc)', null, ':3: a.password comes from elsewhere'],
  ['a.url=jdbc:postgresql://h/d\n', null, 'name no user'],
  ['a.url=jdbc:postgresql://h/d\n', 'b.url', 'has no JDBC URL b.url'],
])('%j is refused with its place', (text, key, words) => {
  expect(() => read(text, key)).toThrow(words)
})

test('a URL of placeholders is written out, and its login where it stood', () => {
  const text = 'x=1\na.url=jdbc:postgresql://${DB_HOST}/d?ApplicationName=w\na.username=u\na.password=${P}\n'
  const fields = { host: 'h', port: 7, database: 'd', user: 'ü', password: 'p', sslMode: 'disable' as const }
  expect(writeSettings(text, { file, key: null }, fields)).toBe(
    'x=1\na.url=jdbc:postgresql://h:7/d?sslmode=disable\na.username=\\u00fc\na.password=p\n',
  )
})
