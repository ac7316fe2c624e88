import { createServer } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { remoteEnds } from './connections-of.ts'
import { runWatched } from './watched.ts'

const dir = mkdtempSync(join(tmpdir(), 'watched-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('remote ends are read as the system prints addresses', () => {
  const line = (remote: string, inode: number) =>
    `   0: 0100007F:1538 ${remote} 01 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 20 4 30 10 -1`
  const text = [
    '  sl  local_address rem_address',
    line('0100007F:1538', 77),
    line('00000000000000000000000001000000:1538', 78),
  ]
  expect(
    remoteEnds([...text, line('0000000000000000FFFF00000100007F:0050', 79), line('00000000:0000', 80)].join('\n')),
  ).toEqual([
    { inode: '77', remote: '127.0.0.1 5432' },
    { inode: '78', remote: '::1 5432' },
    { inode: '79', remote: '127.0.0.1 80' },
  ])
})

test.runIf(process.platform === 'linux')(
  'a command that reaches what it must not is ended, and its directory is a copy',
  { timeout: 30_000 },
  async () => {
    const server = createServer(() => undefined)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const cwd = join(dir, 'app')
    mkdirSync(cwd)
    mkdirSync(join(dir, 'own'))
    writeFileSync(join(cwd, '.env'), 'DB_PORT=1\n')
    const script = `const fs = require('fs'); fs.writeFileSync('seen', fs.readFileSync('.env')); fs.writeFileSync(process.argv[1], fs.readFileSync('.env')); require('net').connect(${port}, '127.0.0.1'); setTimeout(() => {}, 20000)`
    const watched = await runWatched({
      words: [process.execPath, '-e', script, join(dir, 'out')],
      cwd,
      env: {},
      output: 'stderr',
      timeoutMs: 15_000,
      signal: new AbortController().signal,
      files: [{ path: join(cwd, '.env'), text: 'DB_PORT=2\n' }],
      directory: join(dir, 'own'),
      forbidden: new Set([`127.0.0.1 ${port}`]),
    })
    server.close()
    expect(watched).toMatchObject({ reached: [`127.0.0.1 ${port}`], notLed: [], outcome: { signal: 'SIGTERM' } })
    expect(readFileSync(join(dir, 'out'), 'utf8')).toBe('DB_PORT=2\n')
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe('DB_PORT=1\n')
    expect(() => readFileSync(join(cwd, 'seen'))).toThrow('ENOENT')
  },
)
