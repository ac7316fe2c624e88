import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Blueprint } from './blueprint.ts'
import { attachLab, downLab } from './detached-lab.ts'
import { makeLabDirectory, removeLink, temporaryDirectory } from './lab-directory.ts'
import { startLab } from './start-lab.ts'
import { firstLine, processesWith, startProgram } from './testing-program.ts'
import { waitUntil } from './wait.ts'

const made: string[] = []

function temporary(mode: number): string {
  const dir = mkdtempSync(join(temporaryDirectory(), 'antemortem-test-'))
  chmodSync(dir, mode)
  made.push(dir)
  return dir
}

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})

const alone: Blueprint = {
  name: 'alone',
  database: 'shop',
  nodes: [{ name: 'only', role: 'primary', schema: ['create table t (id int primary key)'] }],
  roles: [],
  logins: { admin: 'postgres', watch: 'postgres', app: 'postgres', replication: 'postgres' },
  data: ['insert into t values (1)'],
  publications: [],
}

test('where the way is open, the wanted directory itself is the lab', () => {
  const at = join(temporary(0o711), 'deep', 'lab')
  expect(makeLabDirectory(at)).toEqual({ dir: at })
  expect(lstatSync(at).isDirectory()).toBe(true)
})

describe.runIf(process.getuid?.() === 0)('below a directory that is closed to those who run the servers', () => {
  test('the lab works by the path that was wanted, and its end removes both', async () => {
    const closed = temporary(0o700)
    const at = join(closed, 'new', 'lab')
    const { dir } = await startLab(alone, { dir: at, detach: true })
    expect(readlinkSync(at)).toBe(dir)
    expect(await attachLab(at).rows('only', 'select id from t')).toEqual([{ id: 1 }])
    await expect(startLab(alone, { dir: at })).rejects.toMatchObject({ code: 'lab-directory-not-empty' })
    await downLab(at)
    expect([existsSync(dir), lstatSync(at, { throwIfNoEntry: false })]).toEqual([false, undefined])
    expect(processesWith(dir)).toEqual([])
  })

  test('the end by its own path removes the link, too', async () => {
    const at = join(temporary(0o700), 'lab')
    const { dir } = await startLab(alone, { dir: at, detach: true })
    await downLab(dir)
    expect(lstatSync(at, { throwIfNoEntry: false })).toBeUndefined()
  })

  test('kill -9 leaves neither link nor directory', async () => {
    const closed = temporary(0o700)
    const at = join(closed, 'lab')
    const program = startProgram(`
      const { startLab } = await lab('start-lab.ts')
      const held = await startLab(${JSON.stringify(alone)}, { dir: ${JSON.stringify(at)} })
      console.log(held.dir)
      setInterval(() => {}, 1000)
    `)
    const dir = await firstLine(program)
    expect(readdirSync(closed)).toEqual(['lab'])
    process.kill(-(program.pid ?? 0), 'SIGKILL')
    await waitUntil('the keeper', async () => !existsSync(dir) && readdirSync(closed).length === 0, {
      timeoutMs: 5000,
      everyMs: 50,
    })
  })

  test('an empty directory is replaced, a link whose lab a reboot took away as well, and nothing else', () => {
    const closed = temporary(0o700)
    mkdirSync(join(closed, 'empty'))
    symlinkSync(join(temporaryDirectory(), 'antemortem-lab-gone'), join(closed, 'old'))
    for (const name of ['empty', 'old']) {
      const place = makeLabDirectory(join(closed, name))
      made.push(place.dir)
      expect(place.link).toBe(join(closed, name))
      expect(readlinkSync(join(closed, name))).toBe(place.dir)
      removeLink(place)
    }
    const mine = join(closed, 'mine')
    symlinkSync(join(closed, 'nowhere'), mine)
    const before = readdirSync(temporaryDirectory())
    expect(() => makeLabDirectory(mine)).toThrow('EEXIST')
    removeLink({ dir: '/elsewhere', link: mine })
    expect(readlinkSync(mine)).toBe(join(closed, 'nowhere'))
    expect(readdirSync(temporaryDirectory())).toHaveLength(before.length)
  })
})
