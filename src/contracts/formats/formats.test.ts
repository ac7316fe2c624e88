import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AntemortemError } from '../../core/error.ts'
import { readSettings, writeSettings } from '../settings.ts'
import { settingsKeys } from '../settings-keys.ts'
import type { ConnectionFields } from './format.ts'
import { formatOf } from './formats.ts'

test.each([
  ['/srv/app/.env', '.env'],
  ['/srv/app/web.env', '.env'],
  ['/etc/pg_service.conf', 'pg_service.conf'],
  ['/home/app/.pg_service.conf', 'pg_service.conf'],
  ['/var/www/wp-config.php', 'wp-config.php'],
  ['/srv/app/config/database.yml', 'database.yml'],
  ['/srv/api/appsettings.Production.json', 'appsettings.json'],
  ['/srv/java/application-prod.properties', '.properties'],
  ['/etc/pgbouncer/pgbouncer.ini', 'pgbouncer.ini'],
  ['/var/lib/pg/postgresql.auto.conf', 'postgresql.conf'],
])('%s is read as %s', (file, name) => {
  expect(formatOf(file).name).toBe(name)
})

/** One connection each to app@db1:5433/shop, among lines that must stay as they are. */
const files: readonly (readonly [file: string, key: string | null, text: string])[] = [
  ['.env', null, '# a\nDATABASE_URL="postgres://app:geheim@db1:5433/shop?connect_timeout=3" # b\r\nSTYLE=x\n'],
  ['.env', 'READ', 'READ_HOST=db1\nREAD_PORT=5433\nREAD_NAME=shop\nREAD_USER=app\nREAD_PASSWORD= # none\nX=1'],
  ['.env', null, 'export PGHOST=db1\nPGPORT=\'5433\'\nPGDATABASE=shop\nPGUSER=app\nPGPASSWORD="ge heim"\nSTYLE=1\n'],
  ['pg_service.conf', 'shop', '# a\n[shop]\nhost=db1\nport=5433\ndbname=shop\nuser=app\n\n[b]\nhost=x\nuser=y\n'],
  [
    'wp-config.php',
    null,
    "<?php // define('DB_HOST', 'no');\r\ndefine( 'DB_DRIVER', 'pgsql' );\r\ndefine('DB_NAME', 'shop'); define(\"DB_USER\", \"app\"); # c\r\ndefine('DB_PASSWORD', 'geheim' );\r\ndefine('DB_HOST', 'db1:5433');\r\n?>\r\n<p>define('DB_HOST', 'no');",
  ],
  [
    'database.yml',
    null,
    'default: &default\n  adapter: postgresql\n  pool: <%= ENV.fetch("POOL") { 5 } %>\n  username: app # all\n  host: db1\nproduction:\n  <<: *default\n  database: shop\n  port: 5433\n  password: \'geheim\'\ntest: { <<: *default, database: t }\n',
  ],
  ['database.yml', 'a.b', 'a: { b: { adapter: postgresql, host: db1, port: 5433, database: shop, username: app } }\n'],
  [
    'appsettings.json',
    'ConnectionStrings:Default',
    '\ufeff{ // a\n "ConnectionStrings": {"Other": "Host=x", "default": "Server=db1; Port=5433;Database=shop;User Id=app;Pwd=\'ge\\u0026heim\';Pooling=true;", },\n}',
  ],
  [
    'application.properties',
    null,
    'a=b\nspring.datasource.url = jdbc:postgresql://db1:5433/shop?ApplicationName=web\nspring.datasource.username: app\nspring.datasource.password geheim\\\n  nis\n# z\n',
  ],
  ['x.properties', 'jdbc.url', 'jdbc.url=jdbc:postgresql://db1:5433/shop?user=app&password=geheim\n! z\n'],
  [
    'pgbouncer.ini',
    'auth',
    "; a\n[databases]\nauth = host=db1 port=5433 dbname=shop user=app password='ge heim' connect_query='select 1'  \n* = host=x\n[pgbouncer]\npool_mode = session\n",
  ],
  [
    'postgresql.auto.conf',
    null,
    "# a\nprimary_conninfo = 'user=no'\nprimary_conninfo = 'host=db1 port=5433 dbname=shop user=app password=''ge\\\\''heim'' sslcompression=0' # b\nport = 5432\n",
  ],
]

const connectionOf = (text: string, file: string, key: string | null) => {
  const { host, port, database, user, password } = readSettings(text, file, key).address()
  return { host, port, database, user, password }
}

/** What people put into passwords, and what breaks those who write them down. */
const hostile = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc
      .array(
        fc.constantFrom(
          ...'\'"`\\$%@#;:=,&?/{}[]<>!|*~^+- ä中🐘aZ09'.split(''),
          '${HOME}',
          '<%=',
          '%>',
          '?>',
          '*/',
          '//',
          '""',
          "''",
        ),
        {
          minLength: 1,
          maxLength: 12,
        },
      )
      .map((pieces) => pieces.join('')),
  )
  // oxlint-disable-next-line no-control-regex -- they are refused
  .filter((text) => text.trim() === text && !/[\0-\x1f\x7f\u0085\u2028\u2029\ufffd]/.test(text) && text.isWellFormed())

const fields = fc.record({
  host: fc.constantFrom('127.0.0.1', 'db-2.example.org', '::1'),
  port: fc.integer({ min: 1, max: 65_535 }),
  database: hostile,
  user: hostile,
  password: hostile,
  sslMode: fc.constant(null),
})

describe.each(files)('%s %s', (file, key, text) => {
  test('is read, and written back byte for byte where nothing changes', () => {
    const { host, port, database, user, password } = connectionOf(text, file, key)
    expect({ host, port, database, user }).toEqual({ host: 'db1', port: 5433, database: 'shop', user: 'app' })
    const same: ConnectionFields = { host, port, database, user, password, sslMode: null }
    const written = writeSettings(text, { file, key }, same)
    expect(written).toBe(text)
    expect(connectionOf(written, file, key)).toEqual({ ...same, sslMode: undefined })
  })

  test('holds whatever is written into it, and what else stood there', () => {
    fc.assert(
      fc.property(fields, (wanted) => {
        // A placeholder of Spring's has no escape: such a value is refused.
        fc.pre(file !== 'application.properties' || !/\$\{/.test(wanted.user + wanted.password))
        // No URL can name such a database.
        fc.pre(!/^\.\.?$/.test(wanted.database))
        const written = writeSettings(text, { file, key }, wanted)
        const { sslMode: _, ...rest } = wanted
        expect(connectionOf(written, file, key)).toEqual(rest)
        expect(othersIn(written, file, key)).toEqual(othersIn(text, file, key))
        // And again: what was written is written over as well.
        const back = { host: 'db1', port: 5433, database: 'shop', user: 'app', password: 'x', sslMode: null }
        expect(connectionOf(writeSettings(written, { file, key }, back), file, key)).toMatchObject({
          host: 'db1',
          password: 'x',
        })
      }),
      { numRuns: 60 },
    )
  })

  test('refuses a line break, and shows no value', () => {
    for (const password of [
      'geheimnis\nDB_HOST=x',
      'geheimnis\0',
      'geheimnis\r',
      '\ud800geheimnis',
      'geheimnis\u2028',
    ]) {
      const wanted = { host: 'h', port: 1, database: 'd', user: 'u', password, sslMode: null }
      const error = thrown(() => writeSettings(text, { file, key }, wanted))
      expect(error).toMatchObject({ code: 'settings', exit: 2 })
      expect(`${error?.message} ${error?.hint}`).not.toContain('geheimnis')
    }
  })

  test('no secret of it is among its keys', () => {
    const keys = settingsKeys({ file, text }, new Set(key === null ? [] : [key]), Buffer.from('key'))
    expect(keys.length).toBeGreaterThan(0)
    expect(JSON.stringify(keys)).not.toContain('heim')
  })

  test('a rewritten port is one other key', () => {
    const keysOf = (of: string) =>
      new Map(
        settingsKeys({ file, text: of }, new Set(key === null ? [] : [key]), Buffer.from('key')).map((each) => [
          each.key,
          each.value,
        ]),
      )
    const [before, after] = [keysOf(text), keysOf(text.replace('5433', '5999'))]
    const changed = [...after].filter(([name, value]) => before.get(name) !== value)
    expect(changed).toHaveLength(1)
  })

  test('anything in its place is read or refused, and never more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: text.length }),
        fc.integer({ min: 0, max: 9 }),
        fc.string({ maxLength: 6 }),
        (at, gone, piece) => {
          const spoilt = text.slice(0, at) + piece + text.slice(at + gone)
          for (const look of [
            () => readSettings(spoilt, file, key),
            () => settingsKeys({ file, text: spoilt }, new Set(), Buffer.from('k')),
          ]) {
            const error = thrown(look)
            expect(`${error?.message} ${error?.hint}`).not.toContain('geheim')
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** All that is not of the connection, by another reading of the same file. */
function othersIn(text: string, file: string, key: string | null): readonly string[] {
  const plain = text.split(/[\r\n]+/).map((line) => line.trim())
  const isOther = /^(?:#|;|!|STYLE|X=|a=b|\[|\* = |<p>|pool_mode|test:|default:|\{ \/\/|\}|pool:|adapter|host=x$)/
  return plain.filter((line) => isOther.test(line) && key !== 'a.b' && !file.includes('x.properties'))
}

function thrown(act: () => unknown): AntemortemError | null {
  try {
    act()
    return null
  } catch (error) {
    if (error instanceof AntemortemError) return error
    throw error
  }
}

const names = [
  '.env',
  'pg_service.conf',
  'wp-config.php',
  'database.yml',
  'appsettings.json',
  'a.properties',
  'pgbouncer.ini',
  'postgresql.auto.conf',
]

test.each(names)('%s: what is hostile is refused in time', (file) => {
  const texts = [
    'x'.repeat(1_000_000),
    'DB_HOST=\0\0',
    '',
    '['.repeat(30_000),
    '['.repeat(100_000),
    '{"a":'.repeat(50_000),
    '- '.repeat(100_000),
    '<?php ' + 'define('.repeat(30_000),
    '<?php ' + '/*'.repeat(100_000),
    'a: &a [*a]\nproduction: &p { <<: *p, host: x }\n',
    `${Array.from({ length: 12 }, (_, n) => `k${n}: &k${n} { ${Array.from({ length: 20 }, (__, m) => `x${m}: ${n === 0 ? '1' : `*k${n - 1}`}`).join(', ')} }`).join('\n')}\n`,
    '[databases]\n'.repeat(2_000),
    Array.from({ length: 20_000 }, (_, n) => `k${n}=v`).join('\n'),
    `[a]\n${Array.from({ length: 20_000 }, (_, n) => `k${n}=v`).join('\n')}`,
    '\\\n'.repeat(100_000),
    'a="'.repeat(60_000),
  ]
  for (const text of texts) {
    thrown(() => settingsKeys({ file, text }, new Set(), Buffer.from('k')))
    expect(thrown(() => readSettings(text, file))).toMatchObject({
      code: 'settings',
      exit: 2,
      message: expect.stringMatching(`^${file}`),
    })
  }
})
