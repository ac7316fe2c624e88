import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { filesUnder, readChangeText } from './review-files.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'antemortem-files-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const write = (...paths: readonly string[]): void => {
  for (const path of paths) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), 'select 1;')
  }
}
const found = (): readonly string[] => filesUnder(dir).map((path) => path.slice(dir.length + 1))

test.each([
  ['numbered files, by their number', ['2_b.sql', '10_c.sql', '1_a.sql'], ['1_a.sql', '2_b.sql', '10_c.sql']],
  [
    'Flyway, undo left out and repeatable last',
    ['V10__c.sql', 'V2__b.sql', 'U2__b.sql', 'R__views.sql', 'V1_1__a.sql'],
    ['V1_1__a.sql', 'V2__b.sql', 'V10__c.sql', 'R__views.sql'],
  ],
  [
    'Prisma',
    ['20260102_b/migration.sql', '20260101_a/migration.sql', 'migration_lock.toml'],
    ['20260101_a/migration.sql', '20260102_b/migration.sql'],
  ],
  ['Drizzle', ['0001_b.sql', '0000_a.sql', 'meta/_journal.json'], ['0000_a.sql', '0001_b.sql']],
  ['golang-migrate, the way back left out', ['1_a.up.sql', '1_a.down.sql', '2_b.up.sql'], ['1_a.up.sql', '2_b.up.sql']],
  ['Rails', ['structure.sql', 'schema.rb', '.git/x.sql', 'node_modules/a/b.sql'], ['structure.sql']],
])('%s', (_, paths, expected) => {
  write(...paths)
  expect(found()).toEqual(expected)
})

test('a file that is named is read, whatever its name', () => {
  write('1_a.down.sql')
  expect(filesUnder(join(dir, '1_a.down.sql'))).toHaveLength(1)
})

test.each([
  ['is not there', null, 'there is no such file'],
  ['is UTF-16', Buffer.from('\ufeffselect 1', 'utf16le'), 'is UTF-16'],
  ['is Latin-1', Buffer.from([0x2d, 0x2d, 0xe9, 0x0a]), 'is not UTF-8'],
  ['has a zero byte', Buffer.from('select 1;\nselect \0 2'), ':2: has a zero byte'],
  ['is too large', Buffer.alloc(5 * 1024 * 1024, 0x20), 'larger than any change (4 MiB)'],
])('a file that %s is refused in words', (_, bytes, words) => {
  const path = join(dir, 'x.sql')
  if (bytes !== null) writeFileSync(path, bytes)
  expect(() => readChangeText(path)).toThrow(words)
})

test('a mark of UTF-8 at its beginning is no part of a file', () => {
  writeFileSync(join(dir, 'x.sql'), '\ufeffselect 1')
  expect(readChangeText(join(dir, 'x.sql'))).toBe('select 1')
})

test('a device that never ends does', () => {
  expect(() => readChangeText('/dev/zero')).toThrow('larger than any change')
})
