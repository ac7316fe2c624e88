import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changedSince } from './since.ts'

let dir = ''
const git = (...args: readonly string[]): void => {
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'commit.gpgsign=false']
  execFileSync('git', [...who, ...args], { cwd: dir, stdio: 'ignore' })
}
const write = (path: string, text: string): void => writeFileSync(join(dir, path), text)

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'antemortem-since-'))
  git('init', '-b', 'main')
  mkdirSync(join(dir, 'db'))
  write('db/1.sql', 'select 1;\n')
  write('db/2.sql', 'select 2;\n')
  git('add', '-A')
  git('commit', '-m', 'a')
  git('checkout', '-b', 'branch')
  write('db/2.sql', 'select 2;\nselect 22;\n')
  write('db/10.sql', 'select 10;\n')
  write('db/readme.md', 'x')
  git('add', '-A')
  git('commit', '-m', 'b')
  write('db/11.sql', 'select 11;\n')
})
afterAll(() => rmSync(dir, { recursive: true }))

const names = async (cwd: string, ...paths: readonly string[]) =>
  (await changedSince('main', cwd, paths)).map(({ path, before }) => [path.slice(cwd.length + 1), before])

test('only what the branch adds is taken, with what was there before, uncommitted files included', async () => {
  expect(await names(dir)).toEqual([
    ['db/2.sql', 'select 2;\n'],
    ['db/10.sql', null],
    ['db/11.sql', null],
  ])
})

test('paths are told from the folder in which it runs', async () => {
  expect(await names(join(dir, 'db'), '10.sql')).toEqual([['10.sql', null]])
})

test('what main has done since the branch left it is not taken', async () => {
  git('stash', '-u')
  git('checkout', 'main')
  write('db/9.sql', 'select 9;\n')
  git('add', '-A')
  git('commit', '-m', 'c')
  git('checkout', 'branch')
  git('stash', 'pop')
  expect((await names(dir)).map(([path]) => path)).toEqual(['db/2.sql', 'db/10.sql', 'db/11.sql'])
})

test('a commit that there is not is refused in words', async () => {
  await expect(changedSince('nowhere', dir, [])).rejects.toMatchObject({
    exit: 2,
    message: expect.stringContaining('nowhere'),
  })
  await expect(changedSince('--help', dir, [])).rejects.toMatchObject({ exit: 2 })
})
