import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readConfLine } from './conf-line.ts'

test.each([
  ["listen_addresses = '*'", 'listen_addresses', '*'],
  ['Port=5433 # the port', 'port', '5433'],
  ['shared_buffers 128MB', 'shared_buffers', '128MB'],
  ['\twork_mem\t=\t4MB\t', 'work_mem', '4MB'],
  ["archive_command = 'cp %p ''/x y''/%f'", 'archive_command', "cp %p '/x y'/%f"],
  [String.raw`a.b = 'tab\tquote\'octal\101'`, 'a.b', "tab\tquote'octalA"],
  ['checkpoint_completion_target = 0.9', 'checkpoint_completion_target', '0.9'],
  ['x = -1', 'x', '-1'],
  ['x = 0x1F', 'x', '0x1F'],
  ['x = 1.5e3kB', 'x', '1.5e3kB'],
  ['timezone = Europe/Berlin', 'timezone', 'Europe/Berlin'],
  ["port'5433'", 'port', '5433'],
  ["x = ''", 'x', ''],
])('%j is a setting', (line, name, value) => {
  expect(readConfLine(line)).toEqual({ kind: 'setting', name, value })
})

test.each([
  'max_connections = 100 200',
  'primary_conninfo = host=db1 password=x',
  "x = 'without end",
  'x =',
  '= 5',
  '<<<<<<< HEAD',
  '-- a comment of SQL',
  "x = 'a' 'b'",
])('%j is none', (line) => {
  expect(readConfLine(line)).toEqual({ kind: 'wrong' })
})

test('comments and empty lines say nothing, includes say where to go on', () => {
  for (const line of ['', '   ', '# x = 1', '\t#']) expect(readConfLine(line)).toEqual({ kind: 'nothing' })
  expect(readConfLine("include_dir 'conf.d'")).toEqual({ kind: 'include', how: 'include_dir', path: 'conf.d' })
  expect(readConfLine("INCLUDE_IF_EXISTS = 'a b.conf'")).toEqual({
    kind: 'include',
    how: 'include_if_exists',
    path: 'a b.conf',
  })
})

test('any value, quoted as ALTER SYSTEM quotes it, is read back', () => {
  fc.assert(
    fc.property(
      fc.string().map((text) => text.replaceAll(/[\r\n\\]/g, ' ')),
      (value) => {
        expect(readConfLine(`x = '${value.replaceAll("'", "''")}'`)).toEqual({ kind: 'setting', name: 'x', value })
      },
    ),
  )
})

test('whatever a line holds, reading it ends', () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      expect(readConfLine(line)).toHaveProperty('kind')
    }),
  )
  readConfLine(`x = '${"\\'".repeat(100_000)}`)
  readConfLine(`${'a'.repeat(500_000)} =`)
})
