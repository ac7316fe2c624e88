import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LogFollower } from './follow.ts'
import type { LogPosition } from './position.ts'

/** Of a log in which nothing happens one look at its file is enough; whatever happens then must still be seen at the next. */

let dir = ''
let follower: LogFollower | null = null
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'still-'))))
afterEach(async () => {
  await follower?.close()
  rmSync(dir, { recursive: true, force: true })
})

const path = (name: string): string => join(dir, name)

/** Reads until a log has stood still for a few looks; what is read from then on. */
async function standing(log: string, dataDir: string | null): Promise<() => Promise<string>> {
  const open = new LogFollower(log, dataDir)
  follower = open
  let position: LogPosition | null = null
  const poll = async (): Promise<string> => {
    let text = ''
    for (let more = true; more;) {
      const read = await open.read(position)
      if (!read.ok) return read.why
      position = read.value.position
      text += read.value.bytes.toString('utf8')
      more = read.value.more
    }
    return text
  }
  for (let n = 0; n < 3; n += 1) await poll()
  expect(await poll()).toBe('')
  return poll
}

test.each([
  ['a line', () => appendFileSync(path('log'), 'two\n'), 'two\n'],
  [
    'as many letters after it was emptied',
    () => (truncateSync(path('log')), writeFileSync(path('log'), 'new\n')),
    'new\n',
  ],
  [
    'a line in a new file',
    () => (renameSync(path('log'), path('log.1')), writeFileSync(path('log'), 'three\n')),
    'three\n',
  ],
  [
    'the last line of the old file, and one in the new',
    () => {
      renameSync(path('log'), path('log.1'))
      appendFileSync(path('log.1'), 'two\n')
      writeFileSync(path('log'), 'three\n')
    },
    'two\nthree\n',
  ],
])('one file gets %s', async (_, happens, text) => {
  writeFileSync(path('log'), 'one\n')
  const poll = await standing(path('log'), null)
  happens()
  expect(await poll()).toBe(text)
  appendFileSync(path('log'), 'next\n')
  expect(await poll()).toBe('next\n')
})

test('a file that goes is missed, and read when it is back', async () => {
  writeFileSync(path('log'), 'one\n')
  const poll = await standing(path('log'), null)
  rmSync(path('log'))
  expect(await poll()).toContain('there is no')
  writeFileSync(path('log'), 'two\n')
  expect(await poll()).toBe('two\n')
})

test.each([
  ['the file of last Monday is used again', () => writeFileSync(path('log/Mon.log'), 'of this Monday\n'), 'Mon.log'],
  ['a new file is begun', () => writeFileSync(path('log/Wed.log'), 'of this Monday\n'), 'Wed.log'],
])("in the collector's folder %s", async (_, happens, name) => {
  mkdirSync(path('log'))
  writeFileSync(path('log/Mon.log'), 'of last Monday, and longer\n')
  writeFileSync(path('log/Tue.log'), 'one\n')
  writeFileSync(path('current_logfiles'), 'stderr log/Tue.log\n')
  const poll = await standing(path('log'), dir)
  appendFileSync(path('log/Tue.log'), 'two\n')
  expect(await poll()).toBe('two\n')
  expect([await poll(), await poll()]).toEqual(['', ''])
  happens()
  writeFileSync(path('current_logfiles.tmp'), `stderr log/${name}\n`)
  renameSync(path('current_logfiles.tmp'), path('current_logfiles'))
  expect(await poll()).toContain('of this Monday\n')
})
