import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { t0 } from '../../test/builders.ts'
import type { OutcomesFile } from './outcomes-file.ts'
import { openOutcomes } from './outcomes-file.ts'

let dir = ''
let file: OutcomesFile
let path = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'outcomes-'))
  path = join(dir, 'outcomes.ndjson')
  file = openOutcomes(`file:${path}`)
})
afterEach(async () => {
  await file.close()
  rmSync(dir, { recursive: true })
})

const line = (code = 'ok'): string => `${JSON.stringify({ at: t0, instance: 'app1', node: 'primary', code })}\n`
const count = async (): Promise<number> => {
  const fact = await file.poll(t0, null)
  if (!fact.seen) throw new Error(fact.detail)
  return fact.value.seconds.flatMap(({ cells }) => cells).reduce((sum, cell) => sum + cell.count, 0)
}

test('a file that is not there yet cannot be seen, and is read when it comes', async () => {
  expect(await file.poll(t0, null)).toMatchObject({ seen: false, why: 'unreachable' })
  writeFileSync(path, line())
  expect(await count()).toBe(1)
})

test('what is added is counted once; a line without its end waits for it', async () => {
  writeFileSync(path, line() + line().slice(0, 20))
  expect(await count()).toBe(1)
  expect(await count()).toBe(1)
  appendFileSync(path, line().slice(20) + line())
  expect(await count()).toBe(3)
  expect(file.skipped).toBe(0)
})

test('a character cut in two by the writer is put together again', async () => {
  const bytes = Buffer.from(line('größe'))
  const cut = bytes.indexOf(0xc3) + 1
  writeFileSync(path, bytes.subarray(0, cut))
  expect(await count()).toBe(0)
  appendFileSync(path, bytes.subarray(cut))
  expect(await file.poll(t0, null)).toMatchObject({ value: { seconds: [{ cells: [{ code: 'größe' }] }] } })
})

test('lines that are no outcomes are counted and do not hide the others', async () => {
  writeFileSync(path, `no json\n${line()}{"at":1}\n\n${line()}`)
  expect(await count()).toBe(2)
  expect(file.skipped).toBe(2)
})

test('a rotated file is read to its end, then the new one', async () => {
  writeFileSync(path, line())
  expect(await count()).toBe(1)
  appendFileSync(path, line())
  renameSync(path, `${path}.1`)
  writeFileSync(path, line() + line())
  expect(await count()).toBe(4)
})

test('a truncated file begins anew', async () => {
  writeFileSync(path, line() + line())
  expect(await count()).toBe(2)
  truncateSync(path, 0)
  appendFileSync(path, line())
  expect(await count()).toBe(3)
})

test('of a gigabyte only the end is read', async () => {
  writeFileSync(path, '')
  truncateSync(path, 1024 ** 3)
  appendFileSync(path, `\n${line()}`)
  const startedAt = performance.now()
  expect(await count()).toBe(1)
  expect(performance.now() - startedAt).toBeLessThan(1000)
  expect(file.skipped).toBe(0)
})
