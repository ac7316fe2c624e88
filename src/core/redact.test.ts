import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact, redactValue } from './redact.ts'

/** Letters that no mask can mistake for the end of a value, so that a leak is a leak. */
const secret = fc.stringMatching(/^[A-Za-z0-9!#%*+./:@^_~-]{8,30}$/).map((text) => `Qz7${text}7zQ`)

const forms: readonly (readonly [string, (secret: string) => string])[] = [
  ['a URL', (s) => `connect to postgres://app:${s}@db1.example:5432/auth?sslmode=require failed`],
  ['a URL with a driver', (s) => `postgresql+psycopg2://app:${s}@db1/auth`],
  ['a URL parameter', (s) => `postgres://db1/auth?user=app&password=${s}&sslmode=require`],
  ['libpq keywords', (s) => `host=db1 user=app password=${s} dbname=auth`],
  ['libpq keywords, quoted', (s) => `host=db1 password='${s}' dbname=auth`],
  ['a settings file', (s) => `DB_HOST=db1\nDB_PASSWORD=${s}\nDB_NAME=auth`],
  ['a settings file, quoted', (s) => `export PGPASSWORD="${s}"`],
  ['JSON', (s) => JSON.stringify({ user: 'app', password: s })],
  ['JSON within JSON', (s) => JSON.stringify({ body: JSON.stringify({ password: s, user: 'app' }) })],
  ['a statement', (s) => `alter role app encrypted password '${s}' valid until 'infinity'`],
  ['a MariaDB statement', (s) => `create user app identified by '${s}'`],
  ['primary_conninfo', (s) => `primary_conninfo = 'user=repl password=${s} host=db1'`],
  ['a command line', (s) => `mytool --db-password ${s} --verbose`],
  ['a header', (s) => `Authorization: Bearer ${s}`],
  ['.pgpass', (s) => `# host:port\ndb1:5432:auth:app:${s}`],
]

describe('redact', () => {
  test.each(forms)('hides a password in %s, whatever it is made of', (_, form) => {
    fc.assert(
      fc.property(secret, (password) => {
        expect(redact(form(password))).not.toContain(password)
        expect(redact(form(password))).not.toContain(password.slice(-6))
      }),
    )
  })

  test('keeps what one needs to find the place', () => {
    expect(redact('postgres://app:s3cret@db1:5432/auth?sslmode=require')).toBe(
      'postgres://app:***@db1:5432/auth?sslmode=require',
    )
    expect(redact('postgres://db1/auth?password=x&sslmode=require')).toBe(
      'postgres://db1/auth?password=***&sslmode=require',
    )
    expect(redact('DB_PASSWORD=x # of the app')).toBe('DB_PASSWORD=*** # of the app')
  })

  test('hides what the server keeps of a password, and private keys', () => {
    expect(redact('SCRAM-SHA-256$4096:AAAA==$BBBB=:CCCC=')).toBe('SCRAM-SHA-256$***')
    expect(redact('md5d41d8cd98f00b204e9800998ecf8427e')).toBe('md5***')
    expect(redact('-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----')).not.toContain('abc')
  })

  test.each([
    'password authentication failed for user "login"',
    'no pg_hba.conf entry for host "10.0.0.3", user "app", database "auth", no encryption',
    'client password must be a string',
    'postgres://app@db1:5432/auth',
    'at 2026-01-01T10:00:00.000Z: connection refused (127.0.0.1:5432)',
    'bypass: yes, compass: north',
    'select id, md5(password_hash) from users where id in (1, 500, 900)',
    'antemortem.yaml:4:5: clusters.a.noodes: unknown key',
  ])('leaves alone: %s', (text) => {
    expect(redact(text)).toBe(text)
  })

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...forms), secret, (form, password) => {
        const once = redact(form[1](password))
        expect(redact(once)).toBe(once)
      }),
    )
  })

  test.each(['a.', 'a://', 'password', "password='", 'x:1:', 'pass_', '://a:b', '-'])(
    'costs linear time on a long line of %s',
    (unit) => {
      const started = performance.now()
      redact(unit.repeat(10_000))
      expect(performance.now() - started).toBeLessThan(1_500)
    },
  )
})

describe('redactValue', () => {
  test('masks texts one by one and everything under a name that says password', () => {
    expect(
      redactValue({ url: 'postgres://a:b@c/d', n: 1, password: 'x', list: [{ api_token: 'y', ok: true, none: null }] }),
    ).toEqual({
      url: 'postgres://a:***@c/d',
      n: 1,
      password: '***',
      list: [{ api_token: '***', ok: true, none: null }],
    })
  })

  test('what it gives is JSON again, whatever goes in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => JSON.parse(JSON.stringify(redactValue(value)))).not.toThrow()
      }),
    )
  })
})
