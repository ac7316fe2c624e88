import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyTree, indexTree, restoreTree, type TreeIndex } from './files.ts'

let root = ''
let template = ''
let copy = ''
let index: TreeIndex = {}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'antemortem-test-'))
  template = join(root, 'template')
  copy = join(root, 'copy')
  mkdirSync(join(template, 'base', '1'), { recursive: true })
  mkdirSync(join(template, 'empty'))
  writeFileSync(join(template, 'base', '1', 'table'), 'rows')
  writeFileSync(join(template, 'conf'), 'work_mem = 1')
  symlinkSync('conf', join(template, 'link'))
  index = indexTree(template)
  await copyTree(template, copy)
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

test('a copy that nobody touched needs nothing', () => {
  expect(restoreTree(template, copy, index)).toBe(0)
})

test('what was written, removed, added or replaced is as before, and then needs nothing', () => {
  writeFileSync(join(copy, 'conf'), 'work_mem = 2')
  rmSync(join(copy, 'base'), { recursive: true })
  mkdirSync(join(copy, 'extra', 'deep'), { recursive: true })
  writeFileSync(join(copy, 'extra', 'deep', 'file'), '')
  rmSync(join(copy, 'link'))
  writeFileSync(join(copy, 'link'), 'no link')
  renameSync(join(copy, 'empty'), join(copy, 'moved'))
  writeFileSync(join(copy, 'empty'), 'no directory')
  expect(restoreTree(template, copy, index)).toBeGreaterThan(0)
  expect(readFileSync(join(copy, 'conf'), 'utf8')).toBe('work_mem = 1')
  expect(readFileSync(join(copy, 'base', '1', 'table'), 'utf8')).toBe('rows')
  expect(readlinkSync(join(copy, 'link'))).toBe('conf')
  expect(existsSync(join(copy, 'extra'))).toBe(false)
  expect(existsSync(join(copy, 'moved'))).toBe(false)
  expect(indexTree(copy)).toEqual(index)
  expect(restoreTree(template, copy, index)).toBe(0)
})
