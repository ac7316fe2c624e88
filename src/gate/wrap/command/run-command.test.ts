import { expect, test } from 'vitest'
import { findProgram } from './find-program.ts'
import { runCommand, type CommandOptions } from './run-command.ts'

const run = async (script: string, more: Partial<CommandOptions> = {}) =>
  runCommand({
    words: ['/bin/sh', '-c', script],
    cwd: '/tmp',
    env: { PATH: process.env['PATH'] },
    output: 'stderr',
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    ...more,
  })

test('a command runs in its directory and ends with its own code', async () => {
  expect(await run('test "$(pwd)" = /tmp && exit 7')).toMatchObject({
    exit: 7,
    signal: null,
    timedOut: false,
    interrupted: false,
    leftBehind: [],
  })
})

test('a command that is killed by a signal says which', async () => {
  expect(await run('kill -9 $$')).toMatchObject({ exit: 137, signal: 'SIGKILL', timedOut: false })
})

test('a command that hangs is ended with all that it started', { timeout: 30_000 }, async () => {
  const startedMs = performance.now()
  const outcome = await run('sleep 600 & sleep 601', { timeoutMs: 200 })
  expect(outcome).toMatchObject({ exit: 143, signal: 'SIGTERM', timedOut: true, leftBehind: [] })
  expect(performance.now() - startedMs).toBeLessThan(10_000)
})

test('a signal to us is one to the command, which may end in its own way', { timeout: 30_000 }, async () => {
  const stop = new AbortController()
  const running = run('trap "exit 9" INT; while :; do sleep 0.05; done', { signal: stop.signal })
  setTimeout(() => stop.abort(new DOMException('interrupted by SIGINT', 'AbortError')), 300)
  expect(await running).toMatchObject({ exit: 9, interrupted: true, timedOut: false })
})

test.runIf(process.platform === 'linux')('what leaves its process group is named', { timeout: 30_000 }, async () => {
  const { leftBehind, exit } = await run('setsid sleep 602 >/dev/null 2>&1 & exit 0')
  expect([exit, leftBehind]).toEqual([0, [{ pid: expect.any(Number), command: 'sleep 602' }]])
  for (const { pid } of leftBehind) process.kill(pid)
})

test('a program is found as a shell finds it, or refused', () => {
  expect(findProgram('sh', '/', '/nowhere:/bin')).toBe('/bin/sh')
  expect(findProgram('./bin/sh', '/', '')).toBe('/bin/sh')
  expect(() => findProgram('no-such-program', '/', '/bin')).toThrow('there is no program no-such-program')
  expect(() => findProgram('/tmp', '/', '/bin')).toThrow('there is no program /tmp')
})
