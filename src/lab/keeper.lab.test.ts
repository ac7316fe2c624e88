import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { attachLab, downLab } from './detached-lab.ts'
import { temporaryDirectory } from './lab-directory.ts'
import { firstLine, processesWith, startProgram } from './testing-program.ts'
import { waitUntil } from './wait.ts'

const holdLab = `
  const { startLab } = await lab('start-lab.ts')
  const { authBlueprint } = await lab('auth.ts')
  const held = await startLab(authBlueprint())
  console.log(held.dir)
  setInterval(() => {}, 1000)
`

const isGone = (dir: string): boolean => !existsSync(dir) && processesWith(dir).length === 0
const within5s = async (condition: () => boolean): Promise<void> =>
  waitUntil('the keeper', async () => condition(), { timeoutMs: 5000, everyMs: 50 })

test('kill -9 of the process group leaves neither server nor file after 5 s', async () => {
  const program = startProgram(holdLab)
  const dir = await firstLine(program)
  expect(processesWith(dir)).toHaveLength(3)
  process.kill(-(program.pid ?? 0), 'SIGKILL')
  await within5s(() => isGone(dir))
  expect(isGone(dir)).toBe(true)
})

test('kill -9 of the command alone leaves nothing, also where a server has been stopped with SIGSTOP', async () => {
  const program = startProgram(holdLab)
  const dir = await firstLine(program)
  for (const line of processesWith(dir)) process.kill(Number.parseInt(line, 10), 'SIGSTOP')
  program.kill('SIGKILL')
  await within5s(() => isGone(dir))
  expect(isGone(dir)).toBe(true)
})

test('kill -9 while a template is built leaves no server and no half-built template', async () => {
  const cache = mkdtempSync(join(temporaryDirectory(), 'antemortem-test-cache-'))
  chmodSync(cache, 0o711)
  const isTidy = (): boolean =>
    processesWith(cache).length === 0 && readdirSync(cache).every((name) => !name.startsWith('half-'))
  try {
    for (const afterMs of [300, 700, 1000, 1300]) {
      const program = startProgram(holdLab, { env: { ANTEMORTEM_CACHE: cache } })
      await sleep(afterMs)
      process.kill(-(program.pid ?? 0), 'SIGKILL')
      await within5s(isTidy)
      expect(isTidy()).toBe(true)
    }
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
})

test('a detached lab outlives its command with its application, and is taken away by another', async () => {
  const program = startProgram(`
    const { startLab } = await lab('start-lab.ts')
    const { authBlueprint } = await lab('auth.ts')
    const { startApp } = await lab('app/start-app.ts')
    const held = await startLab(authBlueprint(), { detach: true })
    await startApp(held, { instances: 1, loginsPerSecond: 20, detach: true })
    console.log(held.dir)
  `)
  const dir = await firstLine(program)
  await waitUntil('the command to end', async () => program.exitCode === 0)
  const lab = attachLab(dir)
  expect(await lab.rows('standby', 'select count(*)::int as n from users', [], 'watch')).toEqual([{ n: 1000 }])
  await lab.reset()
  expect(processesWith(dir)).toHaveLength(4)
  await downLab(dir)
  await within5s(() => isGone(dir))
  expect(() => attachLab(dir)).toThrow('there is no lab in')
})
