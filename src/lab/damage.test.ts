import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { damagePage } from './damage.ts'

test('only the named bytes of the named page are others', () => {
  const dir = mkdtempSync(join(tmpdir(), 'damage-'))
  const file = join(dir, 'table')
  writeFileSync(file, Buffer.alloc(3 * 8192, 7))
  damagePage(file, { page: 1, offset: 2048, length: 100 })
  const after = readFileSync(file)
  const changed = [...after.keys()].filter((n) => after[n] !== 7)
  expect([changed.length, changed[0]]).toEqual([100, 8192 + 2048])
  expect(() => damagePage(file, { page: 3, offset: 0, length: 1 })).toThrow('page 3')
  expect(() => damagePage(file, { page: 0, offset: 8000, length: 500 })).toThrow('at 8000')
  rmSync(dir, { recursive: true })
})
