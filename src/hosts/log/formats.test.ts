import { expect, test } from 'vitest'
import { CsvReader } from './csv.ts'
import { JsonReader } from './json.ts'
import type { LineReader, LogMessage } from './message.ts'
import { prefixReader } from './prefix.ts'
import { StderrReader } from './stderr.ts'

const read = (reader: LineReader, text: string): readonly LogMessage[] =>
  [...text.split('\n').map((line) => reader.push(line)), reader.end()].filter((message) => message !== null)

const stderr = (prefix: string): StderrReader => new StderrReader([prefixReader(prefix, null)], null)
const at = Date.parse('2026-03-05T09:04:00.123Z')

test('stderr: the lines of one message come together, its statement stays away', () => {
  const text = `2026-03-05 09:04:00.123 UTC [42] app@auth/login ERROR:  duplicate key value violates unique constraint "users_pkey"
2026-03-05 09:04:00.123 UTC [42] app@auth/login DETAIL:  Key (id)=(6001) already exists.
2026-03-05 09:04:00.123 UTC [42] app@auth/login CONTEXT:  PL/pgSQL function f() line 3
\tat SQL statement
2026-03-05 09:04:00.123 UTC [42] app@auth/login STATEMENT:  insert into users
\tvalues (6001)
2026-03-05 09:04:01.123 UTC [7] LOG:  checkpoint starting: time`
  expect(read(stderr('%m [%p] %q%u@%d/%a '), text)).toEqual([
    {
      atMs: at,
      severity: 'ERROR',
      code: null,
      message: 'duplicate key value violates unique constraint "users_pkey"',
      detail: 'Key (id)=(6001) already exists.',
      context: 'PL/pgSQL function f() line 3\nat SQL statement',
      role: 'app',
      database: 'auth',
      application: 'login',
    },
    expect.objectContaining({ severity: 'LOG', atMs: at + 1000, role: null, detail: null }),
  ])
})

test('stderr: a detail of another process belongs to nobody here', () => {
  const text = `2026-03-05 09:04:00.123 UTC [42] ERROR:  one
2026-03-05 09:04:00.123 UTC [43] DETAIL:  of another
2026-03-05 09:04:00.123 UTC [42] ERROR:  two`
  expect(read(stderr('%m [%p] '), text).map(({ message, detail }) => [message, detail])).toEqual([
    ['one', null],
    ['two', null],
  ])
})

test('stderr: log_error_verbosity = verbose puts the code before the message', () => {
  const text = `2026-03-05 09:04:00.123 UTC [42] ERROR:  42P01: relation "x" does not exist at character 15
2026-03-05 09:04:00.123 UTC [42] LOCATION:  parserOpenTable, parse_relation.c:1449`
  expect(read(stderr('%m [%p] '), text)).toMatchObject([
    { code: '42P01', message: 'relation "x" does not exist at character 15' },
  ])
})

test.each([
  ['de', 'FEHLER:  Relation »x« existiert nicht', 'DETAIL:  so', 'ERROR'],
  ['de', 'PANIK:  nichts geht', 'DETAIL:  so', 'PANIC'],
  ['fr', "ERREUR:  la relation « x » n'existe pas", 'DÉTAIL:  so', 'ERROR'],
  ['fr', 'ATTENTION:  attention', 'DÉTAIL:  so', 'WARNING'],
  ['es', 'ERROR:  no existe la relación «x»', 'DETALLE:  so', 'ERROR'],
])('stderr: %s %s is understood', (_, first, second, severity) => {
  const reader = stderr('%m [%p] ')
  const prefix = '2026-03-05 09:04:00.123 UTC [42] '
  expect(read(reader, `${prefix}${first}\n${prefix}${second}\n${prefix}CONTEXTE :  c`)).toMatchObject([
    { severity, detail: 'so' },
  ])
  expect(reader.problem).toBeNull()
})

test('a language that is not understood is told, in every format', () => {
  const readers = [stderr('%m [%p] '), new CsvReader(null), new JsonReader(null)]
  const lines = [
    '2026-03-05 09:04:00.123 UTC [42] ОШИБКА:  отношение "x" не существует',
    '2026-03-05 09:04:00.123 UTC,,,42,,69a.2a,1,,2026-03-05 09:04:00 UTC,,0,ОШИБКА,42P01,"x",,,,,,,,,"psql","client backend",,0',
    '{"timestamp":"2026-03-05 09:04:00.123 UTC","error_severity":"ОШИБКА","message":"x"}',
  ]
  for (const [n, reader] of readers.entries()) {
    expect(reader.push(lines[n] ?? '')).toBeNull()
    expect(reader.problem).toContain('ОШИБКА')
  }
})

test('stderr: what is no log at all is told after some lines, and a line of it ends the doubt', () => {
  const reader = stderr('%m [%p] ')
  for (let n = 0; n < 30; n += 1) reader.push(`cp: cannot stat ${n}`)
  expect(reader.problem).toContain('not those of a server')
  reader.push('2026-03-05 09:04:00.123 UTC [42] LOG:  ready')
  expect(reader.problem).toBeNull()
})

test('stderr: a prefix that is not the one we know gives the message with its time', () => {
  const text = '2026-03-05 09:04:00.123 UTC|42|app| ERROR:  one'
  expect(read(stderr('%m [%p] '), text)).toMatchObject([{ severity: 'ERROR', message: 'one', atMs: at, role: null }])
})

test('stderr: a process without a session may leave no space before the severity', () => {
  const reader = stderr('%m%8p%q %u ')
  expect(read(reader, '2026-03-05 09:04:00.123 UTC      42LOG:  one')).toMatchObject([{ severity: 'LOG', atMs: at }])
  expect(reader.problem).toBeNull()
})

test('stderr: a word of a severity in an application name or a message is not taken for one', () => {
  const text = '2026-03-05 09:04:00.123 UTC [42] app@auth/my ERROR:  tool LOG:  connection FATAL:  x'
  expect(read(stderr('%m [%p] %q%u@%d/%a '), text)[0]?.severity).toBe('ERROR')
  const worker = '2026-03-05 09:04:00.123 UTC [42] ERROR:  could not connect: FATAL:  no password'
  expect(read(stderr('%m [%p] %q%u@%d/%a '), worker)).toMatchObject([
    { severity: 'ERROR', message: 'could not connect: FATAL:  no password' },
  ])
})

const csvLine = (message: string): string =>
  `2026-03-05 09:04:00.123 UTC,"app","auth",42,"10.0.0.1:5",69a.2a,1,"INSERT",2026-03-05 09:04:00 UTC,3/1,0,ERROR,23505,"${message}","Key (id)=(1)","a hint",,,"a ""context""","insert
into x",1,,"login","client backend",,0`

test('csvlog: a record of many lines is one message; rubbish before it is passed over', () => {
  const text = `rest of a field",,,\n${csvLine('one\n2026-03-05 09:04:00.123 UTC,no record')}\n${csvLine('two')}`
  expect(read(new CsvReader(null), text)).toEqual(
    ['one\n2026-03-05 09:04:00.123 UTC,no record', 'two'].map((message) => ({
      atMs: at,
      severity: 'ERROR',
      code: '23505',
      message,
      detail: 'Key (id)=(1)',
      context: 'a "context"',
      role: 'app',
      database: 'auth',
      application: 'login',
    })),
  )
})

test('csvlog: a record without an end is left, and the next but one is read', () => {
  const reader = new CsvReader(null)
  const lost = `${csvLine('x').slice(0, 150)}${'y'.repeat(1_048_576)}`
  expect(read(reader, `${lost}\n${csvLine('after')}`).map(({ message }) => message)).toContain('after')
})

test('jsonlog: a line is a message; a cut one is read as far as it goes', () => {
  const fields = {
    timestamp: '2026-03-05 09:04:00.123 UTC',
    user: 'app',
    dbname: 'auth',
    pid: 42,
    error_severity: 'FATAL',
    state_code: '28P01',
    message: 'password authentication failed for user "app"',
    application_name: '[unknown]',
  }
  const whole = JSON.stringify(fields)
  const expected = { atMs: at, severity: 'FATAL', code: '28P01', role: 'app', application: null }
  const cut = `${whole.slice(0, -1)},"statement":"select ${'x'.repeat(2000)}`
  expect(read(new JsonReader(null), `${whole}\n{"nothing":1}\nno json\n${cut}`)).toMatchObject([expected, expected])
})
