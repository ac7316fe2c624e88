import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { serverOwner } from '../../src/lab/owner.ts'
import { lab, dir, configure, antemortem, watched, contractTest } from './surroundings.ts'

describe('a settings file', () => {
  let good: string
  const file = (): string => join(dir, 'app.env')
  const replaced = (then: () => void) => (): void => {
    rmSync(file(), { recursive: true, force: true })
    then()
  }
  beforeEach(() => {
    good = readFileSync(file(), 'utf8')
  })

  test.each<readonly [string, 1 | 2, RegExp, () => void]>([
    ['is binary', 1, /app\.env is no text/, () => writeFileSync(file(), Buffer.from([0, 1, 2, 255, 0]))],
    ['is a loop of links', 1, /ELOOP/, () => symlinkSync(file(), file())],
    ['is a directory', 1, /app\.env is no file/, () => mkdirSync(file())],
    ['is a pipe', 1, /app\.env is no file/, () => execFileSync('mkfifo', [file()])],
    ['is a device', 1, /app\.env is no file/, () => symlinkSync('/dev/zero', file())],
    ['is gone', 1, /ENOENT/, () => undefined],
    ['is empty', 2, /app\.env: /, () => writeFileSync(file(), '')],
    [
      'ends in the middle',
      2,
      /app\.env: has no READ_STANDBY_URL/,
      () => writeFileSync(file(), good.slice(0, good.indexOf('READ_'))),
    ],
  ])('that %s is told by contract test with its name, exit %d', async (_, exit, words, then) => {
    replaced(then)()
    const { code, out, err } = await antemortem('contract', 'test')
    expect(out + err).toMatch(words)
    expect(out + err).toContain('app.env')
    expect(code).toBe(exit)
  })

  test('that is spoiled while it is watched is told, is no change, and is well again when it is', async () => {
    const spoil = setTimeout(
      replaced(() => symlinkSync(file(), file())),
      500,
    )
    const mend = setTimeout(
      replaced(() => writeFileSync(file(), good)),
      2_500,
    )
    const { code, opened, changes, words, events } = await watched('5s')
    clearTimeout(spoil)
    clearTimeout(mend)
    expect(opened).toContain('connections/contract primary')
    expect(words).toMatch(/Make \S+app\.env readable again: ELOOP/)
    expect(changes).toEqual([])
    expect(events.filter(({ type }) => type === 'finding.closed')).toMatchObject(
      Array.from({ length: 3 }, () => ({ finding: { check: 'connections/contract' } })),
    )
    expect([0, 1]).toContain(code)
  })

  test('that is written all the time is read when it stands still, and never by half', async () => {
    let n = 0
    // In place and in two steps, as an editor without a temporary file does it.
    const writer = setInterval(() => {
      const handle = openSync(file(), 'w')
      writeSync(handle, `# ${(n += 1)}\n${good.slice(0, 90)}`)
      writeSync(handle, good.slice(90))
      closeSync(handle)
    }, 20)
    const [tested, { opened, changes }] = [await contractTest(), await watched('2s')]
    clearInterval(writer)
    expect(n).toBeGreaterThan(20)
    expect(tested).toMatchObject({ code: 0, layers: ['primary ok', 'standby ok', 'reports ok'] })
    expect(changes).toEqual([])
    expect(opened.filter((each) => each.startsWith('connections/'))).toEqual([])
  })

  test.skipIf(serverOwner() === null)('that may not be read is told with what to grant', () => {
    chmodSync(file(), 0o600)
    chmodSync(dir, 0o755)
    const program = join(import.meta.dirname, '../bin/antemortem.js')
    const ran = spawnSync(process.execPath, [program, 'contract', 'test'], {
      ...serverOwner(),
      cwd: dir,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      encoding: 'utf8',
    })
    expect(ran.stdout).toContain('EACCES')
    expect(ran.stdout.replaceAll(/\s+/g, ' ')).toContain('Give this user read access to the file')
    expect([ran.status, ran.stderr]).toEqual([1, ''])
  })
})

/** As the server of a lab writes it, now. */
const panicked = (): string =>
  `${new Date().toISOString().replace('T', ' ').replace('Z', '')} UTC [1] XX000 PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device\n`

describe('a log', () => {
  let log: string
  let text: string
  beforeEach(() => {
    const { dataDir, logFile } = lab.node('primary')
    log = join(dir, 'server.log')
    text = readFileSync(logFile, 'utf8')
    writeFileSync(log, text)
    configure({ hosts: { primary: `{ local: true, data: "${dataDir}", log: "${log}" }` } })
  })

  test.each<readonly [string, RegExp, () => void]>([
    ['vanishes', /there is no log in \S+server\.log/, () => undefined],
    ['is a directory', /there is no log in \S+server\.log/, () => mkdirSync(log)],
    ['is a loop of links', /cannot read \S+server\.log: ELOOP/, () => symlinkSync(log, log)],
  ])('that %s is told by check, with what to look at', async (_, words, then) => {
    rmSync(log)
    then()
    expect((await antemortem('check')).out).toMatch(words)
  })

  test('that vanishes while it is watched is told once, and read again when it is back', async () => {
    const steps = [
      setTimeout(() => rmSync(log), 1_000),
      setTimeout(() => writeFileSync(log, text), 4_000),
      // As another server would write it: a line that is read is a line that is told.
      setTimeout(() => appendFileSync(log, panicked()), 5_500),
    ]
    const { events, words } = await watched('6s')
    steps.forEach(clearTimeout)
    const blind = events.filter(({ type }) => type === 'check.blind')
    expect(blind.map((event) => JSON.stringify(event['unchecked']))).toEqual(
      ['corruption-signature', 'new-after-change', 'panic-or-crash'].map((check) =>
        expect.stringMatching(new RegExp(`errors/${check}.*there is no .*server.log`)),
      ),
    )
    expect(words).toContain('errors/panic-or-crash')
  })

  test('that is replaced by another file under its name is read on', async () => {
    const steps = [
      setTimeout(() => {
        rmSync(log)
        writeFileSync(log, '')
      }, 1_000),
      setTimeout(() => appendFileSync(log, panicked()), 2_500),
    ]
    const { events, opened } = await watched('4s')
    steps.forEach(clearTimeout)
    expect(events.filter(({ type }) => type === 'check.blind')).toEqual([])
    expect(opened).toContain('errors/panic-or-crash primary')
  })
})
