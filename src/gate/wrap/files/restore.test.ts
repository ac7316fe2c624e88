import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../../../store/open.ts'
import { undoOf } from '../../../plans/undo-of.ts'
import { carryOut } from '../../../plans/carry-out.ts'
import { captureFile } from './captured.ts'
import { KeptBytes } from './kept-bytes.ts'
import { restoreFiles } from './restore.ts'
import { restoreDoer } from './restore-doer.ts'
import { changedFiles, keepFiles } from './written-files.ts'

const cluster = {
  name: 'auth',
  engine: 'postgres',
  nodes: [],
  contracts: [],
  fence: 'message',
  invariants: [],
} as const
let dir: string
let file: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'restore-'))
  file = join(dir, '.env')
  writeFileSync(file, Buffer.from('DB_PORT=5432\r\nODD=\xff\n', 'latin1'))
  chmodSync(file, 0o640)
  utimesSync(file, 1_700_000_000, 1_700_000_000)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function afterCommand(command: () => void, between: () => void = () => undefined) {
  const bytes = new KeptBytes(join(dir, 'kept'), 'gate-1')
  const before = readFileSync(file)
  const kept = keepFiles([file], bytes)
  command()
  const changed = changedFiles(kept, bytes)
  between()
  const store = await openStore('sqlite::memory:', { clock: Date.now })
  const restored = await restoreFiles(changed, [], { id: 'gate-1', cluster }, { store, clock: Date.now })
  return { before, restored, store }
}

test('a file is put back byte for byte with its mode and time, and the way back writes the other again', async () => {
  const { before, restored, store } = await afterCommand(() => {
    writeFileSync(file, 'DB_PORT=6543\n')
    chmodSync(file, 0o666)
  })
  expect(restored).toEqual({ plan: 'gate-1', files: [file], problem: null })
  expect(readFileSync(file).equals(before)).toBe(true)
  const { mode, mtimeMs } = statSync(file)
  expect([mode & 0o777, mtimeMs]).toEqual([0o640, 1_700_000_000_000])
  const plan = await store.plan('gate-1')
  if (!plan) throw new Error('it was saved')
  for await (const _ of carryOut(undoOf(plan, await store.journal('gate-1')), [restoreDoer], {
    store,
    clock: Date.now,
  }));
  expect(readFileSync(file, 'utf8')).toBe('DB_PORT=6543\n')
  await store.close()
})

test('a file that the command removed comes back', async () => {
  const { before, restored } = await afterCommand(() => rmSync(file))
  expect(restored.problem).toBeNull()
  expect(readFileSync(file).equals(before)).toBe(true)
})

test('a file that somebody has written since is left as it is', async () => {
  const { restored } = await afterCommand(
    () => writeFileSync(file, 'DB_PORT=6543\n'),
    () => writeFileSync(file, 'DB_PORT=7777\n'),
  )
  expect(restored).toMatchObject({ files: [], problem: expect.stringContaining('somebody has written it since') })
  expect(readFileSync(file, 'utf8')).toBe('DB_PORT=7777\n')
})

test('a link that leads elsewhere now is not followed', async () => {
  mkdirSync(join(dir, 'one'))
  mkdirSync(join(dir, 'two'))
  writeFileSync(join(dir, 'one', 'env'), 'DB_PORT=1\n')
  writeFileSync(join(dir, 'two', 'env'), 'DB_PORT=2\n')
  rmSync(file)
  symlinkSync('one/env', file)
  const { restored } = await afterCommand(() => {
    rmSync(file)
    symlinkSync('two/env', file)
  })
  expect(restored).toMatchObject({ files: [], problem: expect.stringContaining('led to') })
  expect(readFileSync(join(dir, 'two', 'env'), 'utf8')).toBe('DB_PORT=2\n')
})

test('a file behind a link is put back in its own place, and the link stays', async () => {
  writeFileSync(join(dir, 'real'), 'DB_PORT=1\n')
  rmSync(file)
  symlinkSync('real', file)
  const { restored } = await afterCommand(() => writeFileSync(file, 'DB_PORT=2\n'))
  expect(restored.problem).toBeNull()
  expect(readFileSync(join(dir, 'real'), 'utf8')).toBe('DB_PORT=1\n')
  expect(captureFile(file)?.place).toBe(join(dir, 'real'))
})

test('what is kept is for its owner alone, and is forgotten where nobody needs it', () => {
  const bytes = new KeptBytes(join(dir, 'kept'), 'gate-2')
  const [one] = keepFiles([file, join(dir, 'absent')], bytes)
  const kept = one?.kept ?? ''
  expect([statSync(kept).mode & 0o777, statSync(join(dir, 'kept')).mode & 0o777]).toEqual([0o600, 0o700])
  bytes.forget()
  expect(() => statSync(kept)).toThrow('ENOENT')
})
