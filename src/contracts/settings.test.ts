import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AntemortemError } from '../core/error.ts'
import { instanceOf } from './instance.ts'
import { readSettings, writeSettings } from './settings.ts'

const read = (text: string, key: string | null = null) => readSettings(text, '/srv/app/.env', key)

function refusalOf(text: string, key: string | null = null): AntemortemError | null {
  try {
    read(text, key)
    return null
  } catch (error) {
    if (error instanceof AntemortemError) return error
    throw error
  }
}

const parts = 'DB_HOST=db1\nDB_PORT=5433\nDB_NAME=auth\nDB_USER=app\nDB_PASSWORD=s3cret\nDB_SSLMODE=verify-full\n'

describe('readSettings', () => {
  test.each([
    ['DATABASE_URL', 'DATABASE_URL=postgres://app:s3cret@db1:5433/auth?sslmode=verify-full\n'],
    ['DATABASE_URL with a driver', 'DATABASE_URL=postgresql+psycopg2://app:s3cret@db1:5433/auth?sslmode=verify-full\n'],
    ['JDBC', 'DATABASE_URL=jdbc:postgresql://db1:5433/auth?user=app&password=s3cret&sslmode=verify-full\n'],
    [
      'PGHOST and its like',
      'PGHOST=db1\nPGPORT=5433\nPGDATABASE=auth\nPGUSER=app\nPGPASSWORD=s3cret\nPGSSLMODE=verify-full\n',
    ],
    ['DB_HOST and its like', parts],
    ['DATABASE_HOST and its like', parts.replaceAll('DB_', 'DATABASE_')],
    ['POSTGRES_HOST and its like', parts.replaceAll('DB_', 'POSTGRES_')],
  ])('reads %s', (_, text) => {
    const settings = read(text)
    expect(settings).toMatchObject({ host: 'db1', port: 5433, database: 'auth', user: 'app', sslMode: 'verify-full' })
    expect(settings.address().password).toBe('s3cret')
  })

  test('the URL comes before PGHOST, and PGHOST before a prefix', () => {
    const url = 'DATABASE_URL=postgres://app@from-url/auth\n'
    const libpq = 'PGHOST=from-libpq\nPGUSER=app\n'
    expect(read(parts + libpq + url)).toMatchObject({ host: 'from-url', source: { keys: ['DATABASE_URL'] } })
    expect(read(parts + libpq).host).toBe('from-libpq')
    expect(read(`DATABASE_URL=\n${parts}`).host).toBe('db1')
  })

  test('more than one match is an error that lists them and how to choose', () => {
    const error = refusalOf(`${parts}\n${parts.replaceAll('DB_', 'POSTGRES_')}`)
    expect(error?.exit).toBe(2)
    expect(error?.message).toBe('/srv/app/.env: names more than one database: DB_* (line 1), POSTGRES_* (line 8)')
    expect(error?.hint).toBe('Say which: /srv/app/.env#DB or /srv/app/.env#POSTGRES.')
    expect(read(`${parts}\n${parts.replaceAll('DB_', 'POSTGRES_').replace('db1', 'db2')}`, 'POSTGRES').host).toBe('db2')
  })

  test('a key names the URL', () => {
    const text = `${parts}READ_REPORTS_URL="postgres://app:x@db3/auth"\n`
    expect(read(text, 'READ_REPORTS_URL')).toMatchObject({
      host: 'db3',
      port: 5432,
      source: { keys: ['READ_REPORTS_URL'] },
    })
    expect(refusalOf(text, 'READ_STANDBY_URL')?.message).toBe('/srv/app/.env: has no READ_STANDBY_URL')
    expect(refusalOf(text, 'READ_STANDBY_URL')?.hint).toContain('READ_REPORTS_URL')
  })

  test.each([
    ['A=1\n', 'names no database'],
    ['A=1\nDATABASE_URL=postgres://app@${DB_HOST}/d\n', '.env:2: DATABASE_URL takes ${DB_HOST} from elsewhere'],
    ['DATABASE_URL=mysql://app:x@h/d\n', 'is no PostgreSQL URL'],
    ['DATABASE_URL=postgres://app:p%zz@h/d\n', 'a % that begins no escape'],
    ['DATABASE_URL=postgres://h/d\n', 'name no user'],
    ['DATABASE_URL=postgres://app:x@h:99999/d\n', 'DATABASE_URL'],
    ['DATABASE_URL=postgres://app:x@a:1,b:2,c:3/d?port=1,2\n', '3 hosts and 2 ports'],
    ['DB_HOST=h\nDB_USER=u\nDB_PORT=many\n', 'a port that is no port'],
    ['DB_HOST=h\nDB_USER=u\nDB_SSLMODE=maybe\n', 'sslmode'],
  ])('%j is refused', (text, words) => {
    expect(refusalOf(text)?.message).toContain(words)
    expect(refusalOf(text)?.exit).toBe(2)
  })

  test('timeouts and the pool belong to the contract', () => {
    expect(
      read(`${parts}DB_POOL_MAX=20\nDB_POOL_MIN=2\nDB_CONNECT_TIMEOUT_MS=700\nDB_QUERY_TIMEOUT_MS=900\n`).pool,
    ).toEqual({
      poolMax: 20,
      poolMin: 2,
      connectTimeoutMs: 700,
      queryTimeoutMs: 900,
    })
    expect(read('DATABASE_URL=postgres://app@h/d?connect_timeout=3').pool).toMatchObject({ connectTimeoutMs: 3_000 })
    const own = `${parts}DB_QUERY_TIMEOUT_MS=900\nREAD_URL=postgres://app@h/d\nREAD_QUERY_TIMEOUT_MS=100`
    expect(read(own, 'READ_URL').pool).toMatchObject({ queryTimeoutMs: 100 })
    expect(read(own.replace(/READ_QUERY.*/, ''), 'READ_URL').pool).toMatchObject({ queryTimeoutMs: 900 })
  })

  test('several hosts are kept, with which of them is wanted', () => {
    const settings = read('DATABASE_URL=jdbc:postgresql://app@a:1,b/d?targetServerType=primary')
    expect(settings.address()).toMatchObject({
      host: 'a',
      port: 1,
      others: [{ host: 'b', port: 5432 }],
      targetSession: 'read-write',
    })
    expect(settings.fields(Buffer.alloc(32))).toMatchObject({
      host: 'a',
      others: 'b:5432',
      targetSession: 'read-write',
    })
    expect(settings.at({ host: 'c', port: 9 }).address().others).toEqual([])
  })

  test("a schema parameter of other people's drivers is the search path", () => {
    expect(read('DATABASE_URL=postgres://app@h/d?schema=shop').address().options).toBe('-c search_path=shop')
    expect(read('DATABASE_URL=postgres://app@h/d?ssl=true').sslMode).toBe('require')
  })
})

describe('writeSettings', () => {
  const fields = { host: 'h', port: 5432, database: 'd', user: 'u', password: 'p', sslMode: null }
  const write = (text: string, of: Partial<typeof fields> = {}): string =>
    writeSettings(text, { file: '.env', key: null }, { ...fields, ...of })

  test('what names no user yet gets one', () => {
    expect(write('DB_HOST=a\nDB_NAME=d\n')).toBe('DB_HOST=h\nDB_NAME=d\nDB_USER=u\nDB_PASSWORD=p\n')
  })

  test('of several hosts one is left, and the URL keeps what else it says', () => {
    expect(write('DATABASE_URL=postgres://u:p@h,b:2/d?connect_timeout=3&target_session_attrs=primary\n')).toBe(
      'DATABASE_URL=postgres://u:p@h:5432/d?connect_timeout=3\n',
    )
  })

  test('an address or a service beside the written host would win, and goes', () => {
    expect(write("PGHOST=a\nPGHOSTADDR=10.0.0.1\nPGSERVICE=x\nPGUSER='u'\n# end\n", { database: 'u' })).toBe(
      "PGHOST=h\nPGUSER='u'\nPGDATABASE=u\nPGPASSWORD=p\n# end\n",
    )
  })

  test.each<Partial<typeof fields>>([
    { host: '' },
    { host: 'a,b' },
    { host: 'a b' },
    { port: 0 },
    { port: 70_000 },
    { user: 'a\tb' },
  ])('%j is refused', (of) => {
    expect(() => write('DB_HOST=a\nDB_NAME=d\n', of)).toThrow('.env: the new')
  })

  test('bytes that are no UTF-8 are not lost', () => {
    expect(() => write('# caf\ufffd\nDB_HOST=a\nDB_NAME=d\n')).toThrow('.env:1: has bytes that are no UTF-8')
  })
})

describe('ConnectionSettings', () => {
  test('no way of printing shows the password', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{8,20}$/).map((text) => `Qz${text}`)
    fc.assert(
      fc.property(secret, (password) => {
        const settings = read(`DATABASE_URL=postgres://app:${password}@h/d`)
        const shown = [
          JSON.stringify(settings),
          JSON.stringify(Object.entries(settings)),
          inspect(settings, { depth: 9, showHidden: true }),
          inspect({ settings }, { depth: 9, customInspect: false, showHidden: true }),
          JSON.stringify(structuredClone(settings)),
          JSON.stringify(settings.fields(Buffer.from('key'))),
        ].join('\n')
        expect(shown).not.toContain(password)
      }),
    )
  })

  test('its fields tell that a password has changed, and not what it is', () => {
    const key = Buffer.from('a key')
    const one = read('DATABASE_URL=postgres://app:one@h/d').fields(key)
    const two = read('DATABASE_URL=postgres://app:two@h/d').fields(key)
    expect(one.password).not.toBe(two.password)
    expect({ ...one, password: '' }).toEqual({ ...two, password: '' })
    expect(read('DATABASE_URL=postgres://app:one@h/d').fields(key)).toEqual(one)
  })

  test('goes to another address with the same login', () => {
    const there = read(parts).at({ host: '10.0.0.9', port: 6_000 })
    expect(there).toMatchObject({ host: '10.0.0.9', port: 6_000, user: 'app', database: 'auth' })
    expect(there.address().password).toBe('s3cret')
  })
})

describe('instanceOf', () => {
  test.each([
    ['/srv/app1/.env', 'app1'],
    ['/srv/conf/web.env', 'web'],
    ['/srv/shop/config/database.yml', 'shop'],
    ['/srv/api/appsettings.Production.json', 'api'],
    ['/srv/java/src/main/resources/application.properties', 'java'],
    ['database.yml', 'database.yml'],
    ['/srv/app/.env.production', 'app'],
    ['web.env', 'web'],
    ['./app/.env', 'app'],
    ['/etc/app/settings', 'settings'],
    ['.env', '.env'],
  ])('%s is %s', (file, instance) => {
    expect(instanceOf(file)).toBe(instance)
  })
})
