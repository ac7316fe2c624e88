import { linkSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeBytes } from './write-bytes.ts'

let dir: string
let place: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'write-bytes-'))
  place = join(dir, 'postgresql.conf')
  writeFileSync(place, 'a long line that was there before\n', { mode: 0o640 })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function write(bytes: string) {
  const { mode, uid, gid, nlink: links } = statSync(place)
  return writeBytes({ place, mode: mode & 0o7777, uid, gid, links }, Buffer.from(bytes))
}

test('what a writer that was killed has left beside the file is gone with the next one', () => {
  writeFileSync(join(dir, '.postgresql.conf.antemortem'), 'half')
  expect(write('new\n')).toEqual({ how: 'renamed', owner_kept: true, mode_kept: true })
  expect(readFileSync(place, 'utf8')).toBe('new\n')
  expect(statSync(place).mode & 0o777).toBe(0o640)
  expect(readdirSync(dir)).toEqual(['postgresql.conf'])
})

test('a file with a second name keeps it, and nothing of the longer text before', () => {
  linkSync(place, join(dir, 'other'))
  expect(write('new\n')).toMatchObject({ how: 'in place' })
  expect(readFileSync(join(dir, 'other'), 'utf8')).toBe('new\n')
})
