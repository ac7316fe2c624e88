import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { passwordOf, printPasswords, readPasswords } from './passwords.ts'

const release = { name: 'v1', statements: { read: '', write: '' } }

test('only those who changed their password have a new one', () => {
  const changed = { from: 2, count: 2, prefix: 'new' }
  expect([1, 2, 3, 4].map((id) => passwordOf(id, release, changed))).toEqual(['pw1', 'new2', 'new3', 'pw4'])
  expect(passwordOf(7, { ...release, password: 'all' }, null)).toBe('all7')
})

test('what was written is read, and half of it is nothing', () => {
  const dir = mkdtempSync(join(tmpdir(), 'passwords-'))
  const file = join(dir, 'passwords')
  const changed = { from: 1, count: 900, prefix: 'new' }
  writeFileSync(file, printPasswords(changed))
  expect(readPasswords(file)).toEqual(changed)
  writeFileSync(file, '1 9')
  expect(readPasswords(file)).toBeNull()
  rmSync(dir, { recursive: true })
})
