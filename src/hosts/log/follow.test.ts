import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LogFollower } from './follow.ts'
import { LineSplitter } from './lines.ts'
import type { LogPosition } from './position.ts'

let dir = ''
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'follow-'))))
const readers: Reader[] = []
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.reopen()
  rmSync(dir, { recursive: true, force: true })
})

/** Follows as a watcher does: asks until there is no more, and puts the pieces together. */
class Reader {
  readonly lines: string[] = []
  readonly gaps: string[] = []
  #position: LogPosition | null = null
  #splitter = new LineSplitter()
  #follower: LogFollower

  readonly path: string

  constructor(path: string) {
    this.path = path
    this.#follower = new LogFollower(path, null)
    readers.push(this)
  }

  async poll(): Promise<string | null> {
    for (let n = 0; n < 100; n += 1) {
      const read = await this.#follower.read(this.#position)
      if (!read.ok) return read.why
      const { bytes, position, fresh, cut, gap, more } = read.value
      if (fresh) this.lines.push(...this.#splitter.flush())
      if (cut) this.#splitter.cut()
      if (gap !== null) this.gaps.push(gap)
      this.lines.push(...this.#splitter.push(bytes))
      this.#position = position
      if (!more) return null
    }
    throw new Error('there was always more')
  }

  /** As after a broken connection: nothing is open any more, the position is what we have. */
  async reopen(): Promise<void> {
    await this.#follower.close()
    this.#follower = new LogFollower(this.path, null)
  }
}

test('a line is given once it has its end, and a carriage return is none of it', async () => {
  const log = join(dir, 'log')
  writeFileSync(log, 'one\r\ntw')
  const reader = new Reader(log)
  await reader.poll()
  expect(reader.lines).toEqual(['one'])
  appendFileSync(log, 'o\nthr')
  await reader.poll()
  await reader.poll()
  expect(reader.lines).toEqual(['one', 'two'])
})

test('of a large log the last megabyte is read, from a whole line on', async () => {
  const log = join(dir, 'log')
  const lines = Array.from({ length: 300_000 }, (_, n) => `line ${n}`)
  writeFileSync(log, `${lines.join('\n')}\n`)
  const reader = new Reader(log)
  await reader.poll()
  expect(reader.lines.at(-1)).toBe('line 299999')
  expect(reader.lines.length).toBeGreaterThan(50_000)
  expect(reader.lines).toEqual(lines.slice(-reader.lines.length))
})

test('a burst that nobody can read is skipped, and told', async () => {
  const log = join(dir, 'log')
  writeFileSync(log, 'one\n')
  const reader = new Reader(log)
  await reader.poll()
  appendFileSync(log, `${'x'.repeat(99)}\n`.repeat(300_000))
  appendFileSync(log, 'last\n')
  await reader.poll()
  expect(reader.lines.at(-1)).toBe('last')
  expect(reader.lines.length).toBeLessThan(20_000)
  expect(reader.gaps.join()).toMatch(/\d+ bytes were skipped/)
})

test('bytes that are no UTF-8, zeros and a line of megabytes are survived', async () => {
  const log = join(dir, 'log')
  writeFileSync(log, Buffer.concat([Buffer.from([0xff, 0xfe, 0x41, 0x0a, 0, 0, 0x42, 0x0a]), Buffer.from('one\n')]))
  const reader = new Reader(log)
  await reader.poll()
  appendFileSync(log, `${'y'.repeat(3_000_000)}\nafter\n`)
  await reader.poll()
  expect(reader.lines[0]).toBe('\ufffd\ufffdA')
  expect(reader.lines.slice(1, 3)).toEqual(['B', 'one'])
  expect(reader.lines[3]?.length).toBe(1_048_576)
  expect(reader.lines[4]).toBe('after')
})

test('a log that goes away is told, and read again when it is back', async () => {
  const log = join(dir, 'log')
  const reader = new Reader(log)
  expect(await reader.poll()).toContain('there is no')
  writeFileSync(log, 'one\n')
  expect(await reader.poll()).toBeNull()
  rmSync(log)
  expect(await reader.poll()).toContain('there is no')
  writeFileSync(log, 'two\n')
  expect(await reader.poll()).toBeNull()
  expect(reader.lines).toEqual(['one', 'two'])
})

test.skipIf(process.getuid?.() === 0)('a log that may not be read is told with who may not', async () => {
  const log = join(dir, 'log')
  writeFileSync(log, 'one\n')
  chmodSync(log, 0)
  expect(await new Reader(log).poll()).toContain('may not read')
})

test('what was written to the old file after its renaming is read before the new one', async () => {
  const log = join(dir, 'log')
  writeFileSync(log, 'one\n')
  const reader = new Reader(log)
  await reader.poll()
  renameSync(log, `${log}.1`)
  appendFileSync(`${log}.1`, 'two\n')
  writeFileSync(log, '')
  await reader.poll()
  appendFileSync(`${log}.1`, 'three\n')
  await reader.poll()
  appendFileSync(log, 'four\n')
  await reader.poll()
  expect(reader.lines).toEqual(['one', 'two', 'three', 'four'])
  expect(reader.gaps).toEqual([])
})

test('after a broken connection the rest of a renamed file is found again', async () => {
  const log = join(dir, 'log')
  writeFileSync(log, 'one\n')
  const reader = new Reader(log)
  await reader.poll()
  appendFileSync(log, 'two\n')
  await reader.reopen()
  renameSync(log, `${log}.1`)
  writeFileSync(log, 'three\n')
  await reader.poll()
  expect(reader.lines).toEqual(['one', 'two', 'three'])
})

describe("the folder of the server's collector", () => {
  test('the newest file is read, and the next one after it', async () => {
    writeFileSync(join(dir, 'postgresql-1.log'), 'old\n')
    utimesSync(join(dir, 'postgresql-1.log'), 1000, 1000)
    writeFileSync(join(dir, 'postgresql-2.log'), 'one\n')
    writeFileSync(join(dir, 'postgresql-0.log.gz'), 'packed')
    const reader = new Reader(dir)
    await reader.poll()
    appendFileSync(join(dir, 'postgresql-2.log'), 'two\n')
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(join(dir, 'postgresql-3.log'), 'three\n')
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(join(dir, 'postgresql-4.log'), 'four\n')
    await reader.poll()
    expect(reader.lines).toEqual(['one', 'two', 'three', 'four'])
  })

  test('of several formats the one that says most is read', async () => {
    writeFileSync(join(dir, 'postgresql-1.json'), '{}\n')
    writeFileSync(join(dir, 'postgresql-1.csv'), 'a,b\n')
    writeFileSync(join(dir, 'postgresql-1.log'), 'c\n')
    const reader = new Reader(dir)
    await reader.poll()
    expect(reader.lines).toEqual(['{}'])
  })

  test('current_logfiles names it, as far as it lies there', async () => {
    const [data, logs] = [join(dir, 'data'), join(dir, 'logs')]
    for (const folder of [data, logs]) mkdirSync(folder)
    writeFileSync(join(logs, 'a.log'), 'a\n')
    writeFileSync(join(logs, 'b.log'), 'b\n')
    writeFileSync(join(data, 'current_logfiles'), `stderr ${join(logs, 'a.log')}\ncsvlog /etc/passwd\n`)
    const follower = new LogFollower(logs, data)
    const read = await follower.read(null)
    await follower.close()
    expect(read.ok && read.value.file).toBe('a.log')
  })
})

/** What may happen to a log, in any order. */
const events = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), size: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 4, arbitrary: fc.constant({ kind: 'poll' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'rotate' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  ),
  { minLength: 1, maxLength: 40 },
)

const older = (log: string): void => {
  for (let n = 40; n > 0; n -= 1) if (existsSync(`${log}.${n}`)) renameSync(`${log}.${n}`, `${log}.${n + 1}`)
}
const rotations: Readonly<Record<string, (log: string) => void>> = {
  renaming: (log) => {
    renameSync(log, `${log}.1`)
    writeFileSync(log, '')
  },
  'copying and emptying': (log) => {
    copyFileSync(log, `${log}.1`)
    truncateSync(log)
  },
}

test.each(Object.entries(rotations))(
  'wherever writes, polls and rotations by %s fall, no line is lost and none is doubled',
  async (_, rotate) => {
    let run = 0
    const follows = async (script: typeof events extends fc.Arbitrary<infer T> ? T : never): Promise<void> => {
      run += 1
      const folder = join(dir, String(run))
      mkdirSync(folder)
      const log = join(folder, 'log')
      const written: string[] = []
      let pending = ''
      const write = (text: string): void => {
        appendFileSync(log, text)
        pending = ''
      }
      writeFileSync(log, '')
      const reader = new Reader(log)
      await reader.poll()
      for (const event of script) {
        if (event.kind === 'poll') await reader.poll()
        else if (event.kind === 'write') {
          const line = `line ${written.length} ${'x'.repeat(event.size)} 2026-03-05 ${Math.random()}`
          // Half of a line now, the rest at the next write.
          const half = Math.min(event.size, line.length - 1)
          write(`${pending === '' ? '' : `${pending}\n`}${line.slice(0, half)}`)
          pending = line.slice(half)
          written.push(line)
        } else if (event.kind === 'rotate') {
          // A server writes whole messages: a file ends with the end of one.
          if (pending !== '') write(`${pending}\n`)
          older(log)
          rotate(log)
        } else {
          // A connection that breaks in the same second as a file is emptied loses what was written in between.
          await reader.poll()
          await reader.reopen()
          await reader.poll()
        }
      }
      if (pending !== '') write(`${pending}\n`)
      await reader.poll()
      await reader.reopen()
      expect(reader.lines).toEqual(written)
    }
    await fc.assert(fc.asyncProperty(events, follows), { numRuns: 100 })
  },
)

test('however bytes are cut into pieces, the lines are the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('zeile mit ß und 漢'))),
      fc.array(fc.integer({ min: 1, max: 7 })),
      (texts, cuts) => {
        const lines = texts.map((text) => text.replaceAll(/[\r\n\0]/g, ' '))
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
        const splitter = new LineSplitter()
        const found: string[] = []
        let at = 0
        for (const cut of cuts) {
          found.push(...splitter.push(bytes.subarray(at, at + cut)))
          at += cut
        }
        found.push(...splitter.push(bytes.subarray(at)))
        expect(found).toEqual(lines)
        expect(splitter.flush()).toEqual([])
      },
    ),
  )
})
