import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const bin = join(import.meta.dirname, '../../bin/antemortem.js')
const dir = mkdtempSync(join(tmpdir(), 'bin-'))

afterAll(() => rmSync(dir, { recursive: true }))

/** A Node of the system that is too old for us, where there is one: the way through the launcher. */
const oldNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => folder !== '' && !folder.includes('node_modules'))
  .map((folder) => join(folder, 'node'))
  .find((node) => {
    const major = Number(/^v(\d+)/.exec(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? 99)
    return major < 22
  })

const nodes = [process.execPath, ...(oldNode === undefined ? [] : [oldNode])]

const antemortem = (node: string, ...args: readonly string[]) =>
  spawnSync(node, [bin, ...args], { cwd: dir, encoding: 'utf8', timeout: 15_000 })

describe.each(nodes)('under %s', (node) => {
  test('the version comes from package.json', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
    const { stdout, status } = antemortem(node, '--version')
    expect(manifest).toMatchObject({ version: stdout.trim() })
    expect(status).toBe(0)
  })

  test('words, streams and the exit code pass through, without a warning', () => {
    const { stdout, stderr, status } = antemortem(node, 'contract', 'tset')
    expect([stdout, status]).toEqual(['', 2])
    expect(stderr).toBe(
      "antemortem: unknown command 'contract tset', did you mean 'contract test'?\n  See antemortem --help.\n",
    )
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it with 130', async (name) => {
    await using silent = await silentServer()
    const running = start(node, silent.port)
    await silent.called
    running.kill(name)
    expect(await ended(running)).toBe(130)
  })
})

describe('what Node compiled is kept', () => {
  const listed = (home: string, more: Record<string, string> = {}) => {
    const tmp = join(home, 'tmp')
    mkdirSync(tmp, { recursive: true })
    const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: tmp, ...more }
    const { status, stderr } = spawnSync(process.execPath, [bin, 'drill', 'list'], { cwd: dir, env, encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    expect(readdirSync(tmp)).toEqual([])
  }
  const home = (): string => mkdtempSync(join(dir, 'home-'))
  const modeOf = (path: string): number => statSync(path).mode & 0o777

  test('in a directory of the user alone', () => {
    const at = home()
    listed(at)
    const cache = join(at, '.cache/antemortem/compiled')
    expect(modeOf(cache)).toBe(0o700)
    expect(readdirSync(cache)).toHaveLength(1)
    listed(at, { XDG_CACHE_HOME: join(at, 'xdg') })
    expect(modeOf(join(at, 'xdg/antemortem/compiled'))).toBe(0o700)
  })

  test('nowhere, where others may write or it cannot be made', () => {
    const open = home()
    mkdirSync(join(open, '.cache/antemortem/compiled'), { recursive: true })
    chmodSync(join(open, '.cache/antemortem/compiled'), 0o777)
    listed(open)
    expect(readdirSync(join(open, '.cache/antemortem/compiled'))).toEqual([])
    const none = home()
    writeFileSync(join(none, '.cache'), '')
    listed(none)
  })

  test.runIf(process.getuid?.() === 0)('nowhere, where the directory is somebody else’s', () => {
    const at = home()
    const cache = join(at, '.cache/antemortem/compiled')
    mkdirSync(cache, { recursive: true, mode: 0o700 })
    chownSync(cache, 65_534, 65_534)
    listed(at)
    expect(readdirSync(cache)).toEqual([])
    chownSync(cache, 0, 0)
    chownSync(join(at, '.cache/antemortem'), 65_534, 65_534)
    listed(at)
    expect(readdirSync(cache)).toEqual([])
  })

  test('as the user told Node: elsewhere, or not at all', () => {
    const at = home()
    listed(at, { NODE_COMPILE_CACHE: join(at, 'mine') })
    expect(readdirSync(join(at, 'mine'))).toHaveLength(1)
    const none = home()
    listed(none, { NODE_DISABLE_COMPILE_CACHE: '1' })
    expect([existsSync(join(at, '.cache')), existsSync(join(none, '.cache'))]).toEqual([false, false])
  })
})

test.skipIf(oldNode === undefined)('when the launcher is killed, the program under it ends as well', async () => {
  await using silent = await silentServer()
  const running = start(oldNode ?? '', silent.port)
  await silent.called
  running.kill('SIGKILL')
  await silent.hungUp
  expect(await ended(running)).toBe(null)
})

test('a reader that goes away early is no error', async () => {
  const shell = spawnSync('sh', ['-c', `"${process.execPath}" "${bin}" --help | head -1`], { encoding: 'utf8' })
  expect(shell).toMatchObject({ status: 0, stderr: '' })
})

test('the launcher has no syntax that an old Node could not read', () => {
  const text = readFileSync(bin, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'/g, '')
  expect(text).not.toMatch(/=>|\?\.|\?\?|`|\.\.\.|\b(?:let|const|class|async|await|import)\b/)
})

/** Accepts, and never says a word: a program that waits for it waits long. */
async function silentServer() {
  const called = Promise.withResolvers<void>()
  const hungUp = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('close', () => hungUp.resolve())
    socket.resume()
    called.resolve()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    called: called.promise,
    hungUp: hungUp.promise,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

function start(node: string, port: number): ChildProcess {
  writeFileSync(
    join(dir, 'app.env'),
    `DATABASE_URL=postgres://app:x@127.0.0.1:${port}/auth\nDB_CONNECT_TIMEOUT_MS=30000\n`,
  )
  const config =
    'clusters: { a: { engine: postgres, nodes: { p: { url: "env:P" } }, contracts: { login: { settings: app.env, node: p } } } }\n'
  writeFileSync(join(dir, 'antemortem.yaml'), config)
  return spawn(node, [bin, 'contract', 'test'], { cwd: dir, stdio: 'ignore' })
}

const ended = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? child.exitCode
    : new Promise((resolve) => void child.on('exit', (code) => resolve(code)))
