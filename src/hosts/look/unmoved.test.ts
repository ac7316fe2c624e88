import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HostLooker } from './look.ts'
import { Unmoved } from './unmoved.ts'

const tickMs = 2_000
let dir = ''
const file = (name: string): string => join(dir, name)

/** A counter of makings over these paths, and what it says at each ask. */
function counting(...paths: readonly string[]): { readonly ask: (of?: string) => Promise<number> } {
  const kept = new Unmoved<number>()
  let made = 0
  const ask = async (of = ''): Promise<number> =>
    kept.get(
      of,
      async (depends) => {
        for (const path of paths) await depends(path)
        made += 1
        return made
      },
      () => true,
    )
  return { ask }
}

// The system's time of a change cannot be set back: it is later for us instead.
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'unmoved-'))
  mkdirSync(file('folder'))
  for (const name of ['same', 'written', 'replaced', 'closed', 'next', 'dated', 'of', 'folder/a'])
    writeFileSync(file(name), 'one')
  for (const [name, text] of [
    ['PG_VERSION', '18'],
    ['postgresql.conf', 'work_mem = 4MB\n'],
    ['pg_hba.conf', 'host all all all md5\n'],
  ] as const)
    writeFileSync(file(name), text)
  growOld()
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

const growOld = (): void => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + tickMs + 100 })

test('what was made of files that stand still is made once', async () => {
  const { ask } = counting(file('same'), file('folder'), file('never'))
  expect([await ask(), await ask(), await ask()]).toEqual([1, 1, 1])
})

test.each([
  ['is written anew with as many letters', 'written', () => writeFileSync(file('written'), 'two')],
  ['is another one under the same name', 'replaced', () => renameSync(file('next'), file('replaced'))],
  ['is closed to us', 'closed', () => chmodSync(file('closed'), 0)],
  ['has its old date back', 'dated', () => (writeFileSync(file('dated'), 'two'), utimesSync(file('dated'), 1, 1))],
  ['comes', 'new', () => writeFileSync(file('new'), 'one')],
  ['is a folder that gets a file', 'folder', () => writeFileSync(file('folder/b'), 'one')],
])('a file that %s is read again', async (_, name, change) => {
  const { ask } = counting(file(name))
  expect([await ask(), await ask()]).toEqual([1, 1])
  change()
  expect(await ask()).toBe(2)
})

test('another question is another answer', async () => {
  const { ask } = counting(file('of'))
  expect([await ask('a'), await ask('b'), await ask('b')]).toEqual([1, 2, 2])
})

test('a file that was written a moment ago is not trusted: within one tick it may be written again', async () => {
  vi.useRealTimers()
  writeFileSync(file('young'), 'one')
  const { ask } = counting(file('young'))
  expect([await ask(), await ask()]).toEqual([1, 2])
  growOld()
  expect([await ask(), await ask()]).toEqual([3, 3])
})

test('a host that is looked at again and again shows at the next look what somebody wrote into its files', async () => {
  const looker = new HostLooker({ dataDir: dir, log: null, maskKey: new Uint8Array(16) })
  const [first, second] = [await looker.look(), await looker.look()]
  // The same arrays: nobody has read, parsed and masked them again.
  expect(second.configured).toBe(first.configured)
  writeFileSync(file('postgresql.conf'), 'work_mem = 9MB\n')
  writeFileSync(file('pg_hba.conf'), 'host all all all cert\n')
  writeFileSync(file('postgresql.auto.conf'), "port = '5433'\n")
  const third = await looker.look()
  expect(third.configured.map(({ name, value }) => [name, value])).toEqual([
    ['work_mem', '9MB'],
    ['port', '5433'],
  ])
  expect(third.accessRulesDigest).not.toBe(first.accessRulesDigest)
})
