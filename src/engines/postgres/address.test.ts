import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { AntemortemError } from '../../core/error.ts'
import { addressText, readAddress } from './address.ts'
import { passwordFor, passwordIn } from './passfile.ts'

const none = {}
const dir = mkdtempSync(join(tmpdir(), 'address-'))
afterAll(() => rmSync(dir, { recursive: true }))

test('a URL and keywords say the same', () => {
  const url = readAddress("postgres://app:it's%20s%40cret@db1:5433/auth?sslmode=require&options=-c%20x%3D1", none)
  expect(url).toMatchObject({
    host: 'db1',
    port: 5433,
    user: 'app',
    database: 'auth',
    password: "it's s@cret",
    sslMode: 'require',
    options: '-c x=1',
  })
  const words = "host=db1 port = 5433 user=app dbname='auth' password='it\\'s s@cret' sslmode=require options='-c x=1'"
  expect(readAddress(words, none)).toEqual(url)
})

test('what is not said comes from libpq’s places: variables, then the own name', () => {
  const env = { PGHOST: 'db2', PGPORT: '6000', PGUSER: 'me', PGDATABASE: 'auth', PGSSLMODE: 'disable' }
  expect(readAddress('postgres://', env)).toMatchObject({
    host: 'db2',
    port: 6000,
    user: 'me',
    database: 'auth',
    sslMode: 'disable',
  })
  const { username } = userInfo()
  expect(readAddress('host=db1', none)).toMatchObject({
    port: 5432,
    user: username,
    database: username,
    sslMode: 'prefer',
  })
})

test('sockets and IPv6 addresses are hosts too', () => {
  expect(readAddress('postgres:///auth?host=/run/postgresql', none)).toMatchObject({
    host: '/run/postgresql',
    database: 'auth',
  })
  expect(readAddress('postgres://app@/auth?host=/run/postgresql', none)).toMatchObject({
    host: '/run/postgresql',
    user: 'app',
  })
  expect(readAddress('postgres://%2Frun%2Fpostgresql/auth', none).host).toBe('/run/postgresql')
  expect(readAddress('postgres://app@[::1]:5432/auth', none)).toMatchObject({ host: '::1', port: 5432 })
})

test('several hosts are tried in their order, in both forms', () => {
  const url = readAddress('postgres://app:p%40w@db1:5433,db2,[::1]:6000/auth?target_session_attrs=read-write', none)
  expect(url).toMatchObject({
    host: 'db1',
    port: 5433,
    others: [
      { host: 'db2', port: 5432 },
      { host: '::1', port: 6000 },
    ],
    targetSession: 'read-write',
    user: 'app',
    password: 'p@w',
    database: 'auth',
  })
  const words = "host=db1,db2,::1 port=5433,,6000 user=app password='p@w' dbname=auth target_session_attrs=read-write"
  expect(readAddress(words, none)).toEqual(url)
  expect(readAddress('postgres://app@db1,db2:5433/auth', none).others).toEqual([{ host: 'db2', port: 5433 }])
  expect(readAddress('host=db1,db2 port=6000', none).others).toEqual([{ host: 'db2', port: 6000 }])
  expect(readAddress('host=db1', { PGTARGETSESSIONATTRS: 'standby' }).targetSession).toBe('standby')
  expect(addressText(url)).toBe('db1:5433,db2:5432,::1:6000/auth')
})

test('a service is looked up in its file', () => {
  const file = join(dir, 'services')
  writeFileSync(file, '# ours\n[other]\nhost=no\n[reports]\nhost=db3\nport=5434\ndbname=reports\n')
  expect(readAddress('service=reports user=app', { PGSERVICEFILE: file })).toMatchObject({
    host: 'db3',
    port: 5434,
    user: 'app',
  })
  expect(() => readAddress('service=gone', { PGSERVICEFILE: file })).toThrow(/no service "gone"/)
})

test('what cannot be read is refused with a hint, and without its secret', () => {
  for (const text of [
    '',
    'hunter2',
    'host',
    'password=hunter2 host',
    'postgres://app:hunter2@db1:port/auth',
    'postgres://a:hunter2@b:1,c:2,d:x/d',
    'host=a,b,c port=1,2 password=hunter2',
    'host=a,b port=1,hunter2',
    'host=a target_session_attrs=hunter2',
    'host=a port=0',
    'host=a sslmode=no',
  ]) {
    let error: unknown
    try {
      readAddress(text, none)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'connection-string-invalid', exit: 2 })
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('hunter2')
  }
})

test('no text makes it fail in another way than by refusing', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.string().map((text) => `postgres://${text}`),
      ),
      (text) => {
        const read = (): string => {
          try {
            return addressText(readAddress(text, none))
          } catch (error) {
            if (error instanceof AntemortemError) return `/${error.code}`
            throw error
          }
        }
        expect(read()).toContain('/')
      },
    ),
  )
})

test('.pgpass gives the first line that fits, escapes and stars included', () => {
  const address = { host: 'db1', port: 5432, database: 'auth', user: 'app' }
  const text = '# comment\ndb2:*:*:*:wrong\ndb1:5432:auth:app:a\\:b\\\\c\n*:*:*:*:last\n'
  expect(passwordIn(text, address)).toBe('a:b\\c')
  expect(passwordIn(text, { ...address, user: 'other' })).toBe('last')
  expect(passwordIn('localhost:*:*:*:socket', { ...address, host: '/run/postgresql' })).toBe('socket')
  expect(passwordIn('db1:5432', address)).toBeNull()
})

test('.pgpass is read when no password was given, but not when others may read it too', async () => {
  const file = join(dir, 'pgpass')
  writeFileSync(file, '*:*:*:*:from file\n', { mode: 0o600 })
  expect(await passwordFor(readAddress(`host=a passfile=${file}`, none))).toBe('from file')
  expect(await passwordFor(readAddress(`host=a password=given passfile=${file}`, none))).toBe('given')
  const open = join(dir, 'open')
  writeFileSync(open, '*:*:*:*:from file\n', { mode: 0o644 })
  expect(await passwordFor(readAddress(`host=a passfile=${open}`, none))).toBeNull()
  expect(await passwordFor(readAddress(`host=a passfile=${dir}/gone`, none))).toBeNull()
})
