import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accessRulesDigest, rulesOf } from './access-rules.ts'
import { commandLineOf } from './command-line.ts'
import { configuredValue, readConfFiles } from './conf-files.ts'
import { busyShare, ticksOf } from './cpu.ts'
import { missingLibraries, namesIn, packageDirOf } from './libraries.ts'
import { HostLooker } from './look.ts'
import { lookForPostmaster } from './postmaster.ts'

let dir = ''
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'look-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const put = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}

describe('the configuration files', () => {
  test('are read with what they include, in the order of the server, the later wins, postgresql.auto.conf last', async () => {
    mkdirSync(join(dir, 'conf.d'))
    const conf = put(
      'postgresql.conf',
      "port = 5432\ninclude 'more.conf'\ninclude_dir 'conf.d'\ninclude_if_exists 'no.conf'\nWork_Mem = 1MB\n",
    )
    put('more.conf', 'port = 5433\r\n')
    put('conf.d/b.conf', 'b = 2\nwork_mem = 2MB')
    put('conf.d/a.conf', 'b = 1')
    put('conf.d/.hidden.conf', 'b = 9')
    put('conf.d/x.txt', 'b = 9')
    put('postgresql.auto.conf', "# Do not edit\nwork_mem = '3MB'\n")
    const read = await readConfFiles(conf, dir)
    const value = (name: string): string | undefined => configuredValue(read.configured, name)
    expect([value('port'), value('b'), value('work_mem'), value('nothing')]).toEqual(['5433', '2', '3MB', undefined])
    expect(read.configured.find(({ name }) => name === 'work_mem')).toEqual({
      file: join(dir, 'conf.d/b.conf'),
      line: 2,
      name: 'work_mem',
      value: '2MB',
    })
    expect([read.misconfigured, read.unread]).toEqual([[], []])
  })

  test('what is no setting, and an include that leads nowhere, are told with their places', async () => {
    const conf = put(
      'postgresql.conf',
      "a = 1\nmax_connections = 100 200\n<<<<<<< HEAD\ninclude 'gone.conf'\ninclude_dir 'gone.d'\n",
    )
    expect((await readConfFiles(conf, dir)).misconfigured).toEqual([
      { file: conf, line: 2, name: 'max_connections', value: 'max_connections = 100 200' },
      { file: conf, line: 3, name: '', value: '<<<<<<< HEAD' },
      { file: conf, line: 4, name: 'include', value: "include 'gone.conf'" },
      { file: conf, line: 5, name: 'include_dir', value: "include_dir 'gone.d'" },
    ])
  })

  test.each([
    ['a loop', () => put('postgresql.conf', "include 'postgresql.conf'\n"), 'in a loop'],
    ['a huge file', () => put('postgresql.conf', 'x = 1\n'.repeat(300_000)), 'more than a configuration has'],
    ['a binary file', () => put('postgresql.conf', new Uint8Array([120, 0, 1])), 'is no text file'],
    ['nothing', () => join(dir, 'postgresql.conf'), 'there is no'],
    ['a directory', () => (mkdirSync(join(dir, 'postgresql.conf')), join(dir, 'postgresql.conf')), 'cannot read'],
  ])('%s is refused with words', async (_, make, words) => {
    const read = await readConfFiles(make(), dir)
    expect(read.unread.map(({ why }) => why).join()).toContain(words)
  })

  test('a chain of includes that calls itself by many names ends', async () => {
    for (let n = 0; n < 6; n += 1)
      put(`${n}.conf`, Array.from({ length: 6 }, (_, to) => `include '${to}.conf'\n`).join(''))
    const read = await readConfFiles(join(dir, '0.conf'), dir)
    expect(read.unread.length).toBeGreaterThan(0)
  })
})

describe('the postmaster', () => {
  const file = (pid: number, startedSec: number): string =>
    put('postmaster.pid', `${pid}\n${dir}\n${startedSec}\n5433\n/tmp\nlocalhost\n 1 2\nready   \n`)

  test('is absent where its file is gone, where its process is dead, and where the number is another process by now', async () => {
    put('PG_VERSION', '18')
    expect((await lookForPostmaster(dir)).state).toBe('absent')
    const child = spawn('true')
    await new Promise((resolve) => child.on('close', resolve))
    file(child.pid ?? 0, 1)
    expect(await lookForPostmaster(dir)).toMatchObject({ state: 'absent', port: 5433, pid: child.pid })
    file(process.pid, 1)
    expect((await lookForPostmaster(dir)).state).toBe('absent')
  })

  test('is not known where the number belongs to a process that was there before it: another count of processes', async () => {
    file(process.pid, Math.round(Date.now() / 1000) + 3600)
    const found = await lookForPostmaster(dir)
    expect(found).toMatchObject({ state: 'unknown', unread: { why: expect.stringContaining('container') } })
  })

  test('is not known where the data directory is not there', async () => {
    expect(await lookForPostmaster(join(dir, 'gone'))).toMatchObject({
      state: 'unknown',
      unread: { why: expect.stringContaining('there is no') },
    })
  })
})

test('the command line of the last start is read from postmaster.opts', () => {
  const text =
    '/usr/lib/postgresql/15/bin/postgres "-D" "/srv/data" "-c" "config_file=/etc/postgresql.conf" "--hba-file=/etc/hba" "-cport=5433"\n'
  expect(commandLineOf(text)).toEqual({
    program: '/usr/lib/postgresql/15/bin/postgres',
    settings: { config_file: '/etc/postgresql.conf', hba_file: '/etc/hba', port: '5433' },
  })
  expect(commandLineOf('')).toEqual({ program: null, settings: {} })
})

describe('the access rules', () => {
  test('have the same digest whatever their comments and spaces, and another one with another rule', async () => {
    const one = put('a', 'host all all 10.0.0.0/8 md5 # why\n\n# nothing\n')
    const two = put('b', 'host\tall all    10.0.0.0/8 \\\n md5')
    const three = put('c', 'host all all 10.0.0.0/8 trust')
    const [x, y, z] = await Promise.all([one, two, three].map(async (file) => accessRulesDigest(file)))
    expect(x).toMatchObject({ ok: true })
    expect(y).toEqual(x)
    expect(z).not.toEqual(x)
  })

  test('include other files, and a change of those is one of theirs', async () => {
    const rules = put('a', 'include "more"\ninclude_if_exists "gone"\n')
    put('more', 'host all all all md5')
    const before = await accessRulesDigest(rules)
    put('more', 'host all all all trust')
    expect(await accessRulesDigest(rules)).not.toEqual(before)
    put('more', 'include "a"')
    expect(await accessRulesDigest(rules)).toMatchObject({ ok: false, why: expect.stringContaining('loop') })
  })

  test('a hash inside quotes is no comment', () => {
    expect(rulesOf('host "a#b" all all md5 # x')).toEqual(['host "a#b" all all md5'])
  })
})

test('libraries that are not where the server looks for them are missing', async () => {
  for (const name of ['there.so', 'plpgsql.so']) put(name, '')
  expect(namesIn('pg_cron, "a ""b""",$libdir/c')).toEqual(['pg_cron', 'a "b"', '$libdir/c'])
  expect(
    await missingLibraries(['there', '$libdir/there', 'gone', join(dir, 'there.so'), '/no/x'], '$libdir', dir),
  ).toEqual(['gone', '/no/x'])
  mkdirSync(join(dir, 'bin'))
  mkdirSync(join(dir, 'lib/postgresql'), { recursive: true })
  expect(await packageDirOf(join(dir, 'bin/postgres'))).toBeNull()
  put('lib/postgresql/plpgsql.so', '')
  expect(await packageDirOf(join(dir, 'bin/postgres'))).toBe(join(dir, 'lib/postgresql'))
})

test('the share of the processors is that between two looks; waiting for disks is no work', () => {
  const [before, after] = ['cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1', 'cpu  150 0 150 850 150 0 0 0 0 0\n'].map(
    ticksOf,
  )
  expect(busyShare(before ?? null, after ?? null)).toBeCloseTo(100 / 300)
  expect(busyShare(null, after ?? null)).toBeNull()
  expect(ticksOf('nothing')).toBeNull()
})

test('a look masks secrets, follows the link of pg_wal, and says what it could not read', async () => {
  put('PG_VERSION', '18')
  put(
    'postgresql.conf',
    "primary_conninfo = 'host=a password=hunter2'\narchive_command = 'curl -u a:hunter2 x'\nprimary_conninfo host=b password=hunter2\n",
  )
  mkdirSync(join(dir, 'elsewhere'))
  symlinkSync(join(dir, 'elsewhere'), join(dir, 'pg_wal'))
  const options = { dataDir: dir, log: join(dir, 'no.log'), maskKey: new Uint8Array(16) }
  const look = await new HostLooker(options).look()
  expect(JSON.stringify(look)).not.toContain('hunter2')
  expect(look.configured.map(({ name, value }) => [name, value])).toEqual([
    ['primary_conninfo', expect.stringMatching(/^host=a password=\*\*\* \(#[0-9a-f]{8}\)$/)],
    ['archive_command', expect.stringMatching(/^\*\*\* \(#[0-9a-f]{8}\)$/)],
  ])
  expect(look.misconfigured).toMatchObject([{ line: 3 }])
  expect(look.disks.map(({ what, path }) => [what, path])).toEqual([
    ['data', dir],
    ['wal', join(dir, 'elsewhere')],
  ])
  expect(look).toMatchObject({ postmaster: 'absent', missingLibraries: [], accessRulesDigest: null, cpuBusy: null })
  expect(look.unseen.map(({ what }) => what)).toEqual(['disks', 'access rules'])
  // The same key has the same masks, whoever looks.
  expect((await new HostLooker(options).look()).configured).toEqual(look.configured)
})
