import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changedSince } from './since.ts'

let dir = ''
const git = (...args: readonly string[]): void => {
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'commit.gpgsign=false']
  execFileSync('git', [...who, ...args], { cwd: dir, stdio: 'ignore' })
}
const write = (path: string, text: string | Uint8Array): void => writeFileSync(join(dir, path), text)

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'antemortem-since-'))
  git('init', '-b', 'main')
  mkdirSync(join(dir, 'db'))
  write('db/1.sql', 'select 1;\n')
  write('db/2.sql', 'select 2;\n')
  for (const folder of ['app', 'app/config', 'app/test', 'java']) mkdirSync(join(dir, folder))
  write('app/.env', 'DB_HOST=db1\n')
  write('app/shop.settings', 'DB_HOST=db1\n')
  write('app/config/database.yml', Buffer.from([0xff, 0xfe, 0x0a, 0x00]))
  git('add', '-A')
  git('commit', '-m', 'a')
  git('checkout', '-b', 'branch')
  write('db/2.sql', 'select 2;\nselect 22;\n')
  write('db/10.sql', 'select 10;\n')
  write('db/readme.md', 'x')
  write('app/.env', 'DB_HOST=db2\n')
  write('app/.env.example', 'DB_HOST=localhost\n')
  write('app/test/.env', 'DB_HOST=localhost\n')
  write('app/shop.settings', 'DB_HOST=db2\n')
  write('app/config/database.yml', '<% if true %>\n')
  write('app/package.json', '{}')
  symlinkSync('/nowhere/.env', join(dir, 'java/.env'))
  write('java/messages.properties', Buffer.from('hello=Gr\xfc\xdf Gott', 'latin1'))
  write('java/app.properties', 'url=jdbc:postgresql://db1/shop\n')
  git('add', '-A')
  git('commit', '-m', 'b')
  write('db/11.sql', 'select 11;\n')
})
afterAll(() => rmSync(dir, { recursive: true }))

const names = async (cwd: string, ...paths: readonly string[]) =>
  (await changedSince('main', cwd, paths)).map(({ path, before }) => [path.slice(cwd.length + 1), before])

test('only what the branch adds is taken, with what was there before, uncommitted files included', async () => {
  expect(await names(dir, 'db')).toEqual([
    ['db/2.sql', 'select 2;\n'],
    ['db/10.sql', null],
    ['db/11.sql', null],
  ])
})

test('settings of applications are taken by their own names; examples, links and files of other programs are not', async () => {
  const taken = await changedSince('main', dir, ['app', 'java'])
  expect(taken.map(({ path, before, taken: as }) => [path.slice(dir.length + 1), before, as])).toEqual([
    ['app/.env', 'DB_HOST=db1\n', 'settings'],
    ['app/config/database.yml', expect.anything(), 'settings'],
    ['java/app.properties', null, 'settings'],
  ])
})

test('a file that a contract names is taken, whatever its name', async () => {
  const contracts = ['app/shop.settings', 'app/.env.example', 'nowhere/.env'].map((file) => join(dir, file))
  const taken = await changedSince('main', dir, ['app'], contracts)
  expect(taken.flatMap(({ path, taken: as }) => (as === 'contract' ? [path.slice(dir.length + 1)] : []))).toEqual([
    'app/.env.example',
    'app/shop.settings',
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
  expect((await names(dir, 'db')).map(([path]) => path)).toEqual(['db/2.sql', 'db/10.sql', 'db/11.sql'])
})

test('a commit that there is not is refused in words', async () => {
  await expect(changedSince('nowhere', dir, [])).rejects.toMatchObject({
    exit: 2,
    message: expect.stringContaining('nowhere'),
  })
  await expect(changedSince('--help', dir, [])).rejects.toMatchObject({ exit: 2 })
})
